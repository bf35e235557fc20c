#include "regions/combine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "regions/components.h"
#include "regions/outlines.h"

namespace anomalyvlm {
namespace {

using ::testing::ElementsAre;

Region soft(const PixelRect& rect, std::vector<float> values) {
  return Region::soft(rect, std::move(values));
}

TEST(Combine, OverlapIsOfWhatIsInside) {
  const Region a = soft({0, 0, 3, 1}, {0.6F, 1, 0.5F}), b = soft({1, 0, 2, 2}, {1, 0.7F}),
               far = soft({7, 7, 8, 8}, {1}), faint = soft({0, 0, 1, 1}, {0.2F});
  EXPECT_DOUBLE_EQ(overlap(a, a), 1);
  EXPECT_DOUBLE_EQ(overlap(a, b), 1.0 / 3) << "0, 0 and 1, 0 against 1, 0 and 1, 1";
  EXPECT_EQ(overlap(a, b), overlap(b, a));
  EXPECT_EQ(overlap(a, b.binarised()), overlap(a, b));
  EXPECT_EQ(overlap(a, far), 0);
  EXPECT_EQ(overlap(faint, faint), 0);
}

TEST(Combine, TheMeanInsideIsWeighted) {
  const FloatMap map{3, 2, {1, 2, 3, 4, 5, 6}};
  EXPECT_DOUBLE_EQ(mean_inside(map, Region::binary(Mask{3, 2, {1, 0, 1, 0, 0, 1}})), 10.0 / 3);
  EXPECT_EQ(mean_inside(map, {}), 0);
  EXPECT_DOUBLE_EQ(mean_inside(map, Region::binary({1, 1, 3, 2}, std::vector<std::uint8_t>{1, 1})), 5.5);
  EXPECT_DOUBLE_EQ(mean_inside(map, soft({0, 0, 2, 1}, {1, 0.25F})), (1 + 0.25 * 2) / 1.25);
}

TEST(Combine, JoinedIsTheLargerValue) {
  const Region left = soft({0, 0, 2, 2}, {0.5F, 0.25F, 0, 0.75F}), right = soft({1, 0, 3, 1}, {1, 0.5F});
  const Region* const both[] = {&left, &right};
  EXPECT_EQ(joined(both), soft({0, 0, 3, 2}, {0.5F, 1, 0.5F, 0, 0.75F, 0}));
  EXPECT_EQ(joined_bytes(both), 6 * sizeof(float));
  const Region left_bits = left.binarised(), right_bits = right.binarised();
  const Region* const bits[] = {&left_bits, &right_bits};
  EXPECT_EQ(joined(bits), Region::binary({0, 0, 3, 2}, std::vector<std::uint8_t>{0, 1, 0, 0, 1, 0}));
  const Region* const mixed[] = {&left_bits, &right};
  EXPECT_FALSE(joined(mixed).is_binary());
  EXPECT_TRUE(joined({}).empty());
}

// Bilinear between the centres of cells, written down for one pixel.
float sampled(const FloatMap& cells, int x, int y, int width, int height) {
  const auto along = [](int pixel, int pixels, int count) {
    return std::clamp((pixel + 0.5) * count / pixels - 0.5, 0.0, count - 1.0);
  };
  const double column = along(x, width, cells.width), row = along(y, height, cells.height);
  double sum = 0;
  for (int j = 0; j < cells.height; ++j)
    for (int i = 0; i < cells.width; ++i)
      sum += static_cast<double>(cells.at(i, j)) * std::max(0.0, 1 - std::abs(column - i)) *
             std::max(0.0, 1 - std::abs(row - j));
  return static_cast<float>(sum);
}

TEST(Combine, ScaledIsBilinear) {
  std::mt19937 random(3);
  for (const auto& [width, height] : {std::pair{31, 17}, {8, 6}, {5, 40}, {1, 1}}) {
    FloatMap cells{8, 6, std::vector<float>(48)};
    for (int y = 2; y < 5; ++y)
      for (int x = 1; x < 4; ++x) cells.at(x, y) = static_cast<float>(random() % 8) / 8;
    const Region big = scaled(soft({0, 0, 8, 6}, cells.values), 8, 6, width, height);
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        ASSERT_NEAR(big.value(x, y), sampled(cells, x, y, width, height), 1e-6) << x << ", " << y;
  }
}

TEST(Combine, TheSoftMaximumOfWeightedRegions) {
  const Region a = soft({0, 0, 2, 1}, {1, 0.5F}), b = soft({1, 0, 3, 1}, {1, 1});
  const ScoredRegion regions[] = {{&a, 2}, {&b, 0.75}};
  EXPECT_THAT(soft_maximum(regions, 4, 1).values, ElementsAre(2, 1, 0.75F, 0));
}

TEST(Combine, TheMostConfidentThatFit) {
  const std::vector<double> confidence = {0.1, 0.9, 0.5, 0.5, 0.8};
  const std::vector<std::size_t> bytes = {1, 5, 4, 4, 100};
  const auto stay = [&](std::size_t memory) { return most_confident_that_fit(confidence, bytes, memory); };
  EXPECT_THAT(stay(1000), ElementsAre(true, true, true, true, true));
  EXPECT_THAT(stay(10), ElementsAre(true, true, true, false, false)) << "the large one does not fit";
  EXPECT_THAT(stay(4), ElementsAre(false, false, true, false, false)) << "of equals the first";
  EXPECT_THAT(stay(0), ElementsAre(false, false, false, false, false));
}

TEST(Components, AreLargestFirst) {
  const Mask mask{6, 4, {1, 0, 0, 0, 1, 1,  //
                         0, 1, 0, 0, 1, 1,  //
                         0, 0, 0, 0, 0, 0,  //
                         0, 0, 1, 0, 0, 0}};
  const std::vector<Region> parts = largest_components(mask, 5);
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].rect(), (PixelRect{4, 0, 6, 2}));
  EXPECT_EQ(parts[1].area(), 2) << "corners connect";
  EXPECT_EQ(parts[2].rect(), (PixelRect{2, 3, 3, 4}));
  EXPECT_EQ(largest_components(mask, 1).size(), 1U);
  EXPECT_EQ(largest_components(mask, 5, 2).size(), 2U);
}

TEST(Outlines, GoAroundARegionAndItsHoles) {
  const Region block = Region::binary({10, 20, 14, 23}, std::vector<std::uint8_t>(12, 1));
  const auto lines = outlines(block);
  ASSERT_EQ(lines.size(), 1U);
  int x0 = 1000, x1 = 0;
  for (const PixelPoint& point : lines[0]) x0 = std::min(x0, point.x), x1 = std::max(x1, point.x);
  EXPECT_EQ(x0, 10);
  EXPECT_EQ(x1, 13) << "through the middle of its pixels";
  const Region ring = Region::binary(Mask{5, 5, {1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1,  //
                                                 1, 0, 0, 0, 1, 1, 1, 1, 1, 1}});
  EXPECT_EQ(outlines(ring).size(), 2U);
  EXPECT_TRUE(outlines({}).empty());
}

}  // namespace
}  // namespace anomalyvlm
