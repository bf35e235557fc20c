// Resampled positions against torch's definition of them, place by place.
#include "models/dinov2/positions.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "errors.h"
#include "models/dinov2/small_dinov2.h"

namespace anomalyvlm::dinov2 {
namespace {

using test::error_of;
using ::testing::HasSubstr;

// The table's value at row y, column x, of the nearest place where that is beyond a rim.
double table_at(const Tensor& table, int side, int y, int x, int c) {
  const int place = 1 + std::clamp(y, 0, side - 1) * side + std::clamp(x, 0, side - 1);
  return table.floats()[static_cast<std::size_t>(place * table.dim(2) + c)];
}

// Keys' cubic as two polynomials in powers of |x|.
double keys(double a, double x) {
  const double r = std::abs(x);
  if (r <= 1) return (a + 2) * r * r * r - (a + 3) * r * r + 1;
  return r < 2 ? a * r * r * r - 5 * a * r * r + 8 * a * r - 4 * a : 0;
}

// 16 places around, clamped at the rims.
double plain_at(const Tensor& table, int side, double y, double x, int c) {
  const int top = static_cast<int>(std::floor(y)), left = static_cast<int>(std::floor(x));
  double sum = 0;
  for (int v = top - 1; v <= top + 2; ++v)
    for (int h = left - 1; h <= left + 2; ++h)
      sum += keys(-0.75, y - v) * keys(-0.75, x - h) * table_at(table, side, v, h, c);
  return sum;
}

// All places within the filter's reach, which grows as the grid shrinks; weights beyond a rim go to the
// others.
double smooth_at(const Tensor& table, int side, double y, double x, int c, double wide_y, double wide_x) {
  double sum = 0, weights = 0;
  for (int v = 0; v < side; ++v)
    for (int h = 0; h < side; ++h) {
      const double weight = keys(-0.5, (v - y) / wide_y) * keys(-0.5, (h - x) / wide_x);
      sum += weight * table_at(table, side, v, h, c);
      weights += weight;
    }
  return sum / weights;
}

void expect_resampled(int side, const PositionResampling& resampling, int height, int width) {
  SCOPED_TRACE(fmt::format("{} -> {} x {}, antialias {}", side, height, width, resampling.antialias));
  const Tensor table = test::random_tensor({1, 1 + side * side, 5}, static_cast<unsigned>(side + height));
  const Tensor got = resampled_positions(table, resampling, {height, width});
  ASSERT_EQ(got.shape(), (Shape{1, 1 + height * width, 5}));
  for (int c = 0; c < 5; ++c) EXPECT_EQ(got.floats()[c], table.floats()[c]) << "of the class token";
  const double step_y = side / (height + resampling.offset), step_x = side / (width + resampling.offset);
  for (int i = 0; i < height * width; ++i)
    for (int c = 0; c < 5; ++c) {
      const double y = (i / width + 0.5) * step_y - 0.5, x = (i % width + 0.5) * step_x - 0.5;
      const double expected =
          resampling.antialias ? smooth_at(table, side, y, x, c, std::max(step_y, 1.0), std::max(step_x, 1.0))
                               : plain_at(table, side, y, x, c);
      ASSERT_NEAR(got.floats()[static_cast<std::size_t>(5 * (1 + i) + c)], expected, 2e-5) << i;
    }
}

constexpr std::pair<int, int> kGrids[] = {{1, 1}, {1, 9},  {5, 7},  {7, 5},   {6, 6},
                                          {8, 3}, {3, 20}, {16, 1}, {13, 29}, {37, 2}};

TEST(Dinov2Positions, WithoutRegistersAreSampledByFactors) {
  for (const int side : {1, 2, 7, 11})
    for (const auto& [height, width] : kGrids) expect_resampled(side, resampling_with(0), height, width);
}

TEST(Dinov2Positions, WithRegistersAreSmoothed) {
  for (const int side : {1, 2, 7, 11})
    for (const auto& [height, width] : kGrids) expect_resampled(side, resampling_with(4), height, width);
}

TEST(Dinov2Positions, OtherWaysCanBeSet) {
  expect_resampled(7, {.antialias = true, .offset = 0.1}, 5, 9);
  expect_resampled(7, {.antialias = false, .offset = 0}, 5, 9);
}

TEST(Dinov2Positions, AreThoseOfTheFileForTheTrainedGridAlone) {
  for (const std::int64_t registers : {0, 4}) {
    const Dinov2Config config = test::small_dinov2(registers);
    const auto weights = test::small_weights(config);
    const Tensor trained = weights->at("pos_embed"), same = positions(*weights, config, {3, 3}),
                 oblong = positions(*weights, config, {1, 9});
    const auto equal = [](const Tensor& a, const Tensor& b) {
      return std::equal(a.floats().begin(), a.floats().end(), b.floats().begin(), b.floats().end());
    };
    EXPECT_TRUE(equal(trained, same));
    EXPECT_EQ(oblong.shape(), (Shape{1, 10, 12})) << "as many, but not square";
    EXPECT_FALSE(equal(trained, oblong));
  }
}

TEST(Dinov2Positions, WhatDoesNotFitIsAnError) {
  const Dinov2Config config = test::small_dinov2();
  const auto weights = test::small_weights(config);
  EXPECT_THAT(error_of(ErrorKind::kBadInput,
                       [&] {
                         positions(*weights, config, {0, 3});
                       }),
              HasSubstr("no patches in 0 rows and 3 columns"));
  Dinov2Config other = config;
  other.grid = 4;
  EXPECT_THAT(error_of(ErrorKind::kBadModel,
                       [&] {
                         positions(*weights, other, {2, 2});
                       }),
              HasSubstr("'pos_embed' is [1, 10, 12], not [1, 17, 12]"));
  EXPECT_THAT(error_of(ErrorKind::kBadModel,
                       [&] {
                         positions(WeightFile("w", {}), config, {2, 2});
                       }),
              HasSubstr("there is no tensor 'pos_embed'"));
}

}  // namespace
}  // namespace anomalyvlm::dinov2
