// Gaussian smoothing against the two-dimensional sum written out.
#include "image/blur.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "anomalyvlm/error.h"
#include "core/threads.h"
#include "image/fixtures.h"

namespace anomalyvlm {
namespace {

using test::noisy_map;

// Steps back at the edges as often as need be.
int walked(int at, int by, int n) {
  int direction = by < 0 ? -1 : 1;
  for (int i = 0; i < std::abs(by); ++i) {
    if (at + direction < 0 || at + direction >= n)
      direction = -direction;  // this step stays on the edge pixel, which so counts twice
    else
      at += direction;
  }
  return at;
}

double plain_gaussian(const FloatMap& map, double sigma, int x, int y) {
  const int reach = static_cast<int>(std::floor(4 * sigma + 0.5));
  double sum = 0, total = 0;
  for (int dy = -reach; dy <= reach; ++dy) {
    for (int dx = -reach; dx <= reach; ++dx) {
      const double weight = std::exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
      sum += weight * map.at(walked(x, dx, map.width), walked(y, dy, map.height));
      total += weight;
    }
  }
  return sum / total;
}

TEST(BlurGaussian, IsTheSumWrittenOut) {
  for (const auto& [width, height] : {std::pair{31, 23}, {1, 1}, {1, 19}, {5, 2}, {40, 7}}) {
    const FloatMap map = noisy_map(width, height);
    const double largest = *std::max_element(map.values.begin(), map.values.end());
    for (const double sigma : {0.1, 0.6, 1.0, 2.5, 4.0}) {
      const FloatMap blurred = blur_gaussian(map, sigma);
      ASSERT_EQ(blurred.values.size(), map.values.size());
      for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
          ASSERT_NEAR(blurred.at(x, y), plain_gaussian(map, sigma, x, y), 1e-6 * largest)
              << width << " x " << height << ", sigma " << sigma << " at " << x << ", " << y;
    }
  }
}

TEST(BlurGaussian, KeepsConstantsAndWithoutASigmaEverything) {
  const FloatMap flat{50, 20, std::vector<float>(1000, 0.7F)};
  for (const float value : blur_gaussian(flat, 4).values) ASSERT_FLOAT_EQ(value, 0.7F);
  const FloatMap map = noisy_map(9, 8);
  EXPECT_EQ(blur_gaussian(map, 0).values, map.values);
}

TEST(BlurGaussian, DoesNotDependOnTheNumberOfThreads) {
  const FloatMap map = noisy_map(133, 97);
  const int before = thread_count();
  set_thread_count(1);
  const FloatMap one = blur_gaussian(map, 3);
  set_thread_count(4);
  EXPECT_EQ(blur_gaussian(map, 3).values, one.values);
  set_thread_count(before);
}

TEST(BlurGaussian, RefusesSigmasThatMakeNoSense) {
  const FloatMap map = noisy_map(4, 4);
  for (const double sigma :
       {-1.0, 1001.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    EXPECT_THROW(blur_gaussian(map, sigma), Error) << sigma;
}

}  // namespace
}  // namespace anomalyvlm
