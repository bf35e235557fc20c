// Resizes against plain re-statements of their rules, and properties that need none.
#include "image/resize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "anomalyvlm/error.h"
#include "core/threads.h"
#include "image/fixtures.h"

namespace anomalyvlm {
namespace {

using namespace test;

// One line through a triangle filter, in plain floating point.
std::vector<double> plain_line(const std::vector<double>& in, int out) {
  const double scale = static_cast<double>(in.size()) / out, support = std::max(1.0, scale);
  std::vector<double> result;
  for (int i = 0; i < out; ++i) {
    double sum = 0, total = 0;
    for (std::size_t k = 0; k < in.size(); ++k) {
      const double weight = std::max(0.0, 1 - std::abs((k + 0.5) - (i + 0.5) * scale) / support);
      sum += weight * in[k];
      total += weight;
    }
    result.push_back(sum / total);
  }
  return result;
}

TEST(ResizePil, AgreesWithPlainArithmetic) {
  const Image image = noisy_picture(57, 41);
  for (const auto& [w, h] : {std::pair{20, 13}, {57, 90}, {100, 41}, {1, 1}, {56, 40}, {171, 123}}) {
    Image expected{w, h, Bytes(static_cast<std::size_t>(w) * h * 3)};
    std::vector<Bytes> columns(static_cast<std::size_t>(w) * 3);  // after the first pass, rounded
    for (int y = 0; y < image.height; ++y) {
      for (int c = 0; c < 3; ++c) {
        std::vector<double> line;
        for (int x = 0; x < image.width; ++x) line.push_back(image.row(y)[3 * x + c]);
        const auto narrow = plain_line(line, w);
        for (int x = 0; x < w; ++x)
          columns[3 * x + c].push_back(static_cast<std::uint8_t>(std::floor(narrow[x] + 0.5)));
      }
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto line = plain_line({columns[i].begin(), columns[i].end()}, h);
      for (int y = 0; y < h; ++y) expected.row(y)[i] = static_cast<std::uint8_t>(std::floor(line[y] + 0.5));
    }
    EXPECT_LE(max_difference(resize_pil_bilinear(image, w, h), expected), 1) << w << " x " << h;
  }
}

TEST(ResizePil, FloatMapsAgreeWithPlainArithmetic) {
  const FloatMap map = noisy_map(31, 1);
  const auto expected = plain_line({map.values.begin(), map.values.end()}, 12);
  const FloatMap out = resize_pil_bilinear(map, 12, 1);
  for (int i = 0; i < 12; ++i) EXPECT_NEAR(out.values[i], expected[i], 1e-6);
  const FloatMap tall = resize_pil_bilinear(FloatMap{1, 31, map.values}, 1, 12);
  for (int i = 0; i < 12; ++i) EXPECT_NEAR(tall.values[i], expected[i], 1e-6);
}

TEST(ResizePil, KeepsConstantsAndCopiesTheSameSize) {
  const Image gray{300, 200, Bytes(300 * 200 * 3, 131)};
  for (const auto value : resize_pil_bilinear(gray, 77, 513).rgb) ASSERT_EQ(value, 131);
  const Image image = noisy_picture(20, 10);
  EXPECT_EQ(resize_pil_bilinear(image, 20, 10).rgb, image.rgb);
}

TEST(ResizePil, DoesNotDependOnTheNumberOfThreads) {
  const Image image = noisy_picture(1500, 900);
  const int before = thread_count();
  set_thread_count(1);
  const Image one = resize_pil_bilinear(image, 640, 333);
  set_thread_count(5);
  EXPECT_EQ(resize_pil_bilinear(image, 640, 333).rgb, one.rgb);
  set_thread_count(before);
}

TEST(ResizePil, TakesExtremeShapes) {
  const Image strip = noisy_picture(1, 20000);
  EXPECT_EQ(resize_pil_bilinear(strip, 256, 256).rgb.size(), 256u * 256 * 3);
  EXPECT_EQ(resize_pil_bilinear(strip, 1, 1).rgb.size(), 3u);
  EXPECT_EQ(resize_pil_bilinear(Image{1, 1, {9, 8, 7}}, 3, 2).rgb[3], 9);
}

TEST(ResizeOpencv, HalvesByMeansOfFour) {
  const FloatMap map{4, 2, {1, 3, 10, 20, 5, 7, 30, 40}};
  EXPECT_EQ(resize_linear(map, 2, 1).values, (std::vector<float>{4, 25}));
  EXPECT_EQ(resize_nearest(Mask{4, 1, {0, 1, 1, 0}}, 2, 1).values, (std::vector<std::uint8_t>{0, 1}));
}

TEST(ResizeTorch, KnownValues) {
  const Tensor x = Tensor::from<float>({1, 1, 1, 2}, {0, 4});
  const Tensor up = resize_torch_bilinear(x, 4, 1);
  EXPECT_EQ((std::vector<float>(up.floats().begin(), up.floats().end())), (std::vector<float>{0, 1, 3, 4}));
  const Tensor near = resize_torch_nearest(x, 3, 2);
  EXPECT_EQ(near.shape(), (Shape{1, 1, 2, 3}));
  EXPECT_EQ((std::vector<float>(near.floats().begin(), near.floats().end())),
            (std::vector<float>{0, 0, 4, 0, 0, 4}));
}

TEST(Resize, RefusesSizesBelowOne) {
  const Image image = noisy_picture(4, 4);
  EXPECT_THROW(resize_pil_bilinear(image, 0, 4), Error);
  EXPECT_THROW(resize_linear(image, 4, -1), Error);
  EXPECT_THROW(resize_torch_nearest(Tensor::zeros({1, 1, 2, 2}), 0, 1), Error);
}

}  // namespace
}  // namespace anomalyvlm
