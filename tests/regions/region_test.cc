// Regions against masks of whole images, pixel by pixel.
#include "anomalyvlm/region.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "errors.h"

namespace anomalyvlm {
namespace {

using test::error_of;
using ::testing::HasSubstr;

constexpr int kWidth = 150, kHeight = 40;

struct Sample {
  PixelRect rect;
  std::vector<float> values;  // multiples of 1/4
};

// Rectangles of odd sizes, also wider than one word and two; sparse ones, whose borders have to be cut.
std::vector<Sample> samples() {
  std::mt19937 random(5);
  std::vector<Sample> all;
  for (const auto& [width, height] :
       {std::pair{1, 1}, {63, 3}, {64, 2}, {65, 5}, {129, 7}, {7, 31}, {128, 1}})
    for (const double density : {0.0, 0.02, 0.5, 1.0}) {
      Sample& sample = all.emplace_back();
      const auto left = static_cast<int>(random() % 20), top = static_cast<int>(random() % 9);
      sample.rect = {left, top, left + width, top + height};
      std::bernoulli_distribution is_set(density);
      for (int i = 0; i < width * height; ++i)
        sample.values.push_back(is_set(random) ? static_cast<float>(random() % 4 + 1) / 4 : 0.0F);
    }
  return all;
}

FloatMap painted(const Sample& sample, bool binary) {
  FloatMap map{kWidth, kHeight, std::vector<float>(kWidth * kHeight)};
  std::size_t i = 0;
  for (int y = sample.rect.y0; y < sample.rect.y1; ++y)
    for (int x = sample.rect.x0; x < sample.rect.x1; ++x, ++i)
      map.at(x, y) = binary ? std::ceil(sample.values[i]) : sample.values[i];
  return map;
}

Region region_of(const Sample& sample, bool binary) {
  if (!binary) return Region::soft(sample.rect, sample.values);
  std::vector<std::uint8_t> bits;
  for (const float value : sample.values) bits.push_back(static_cast<std::uint8_t>(std::ceil(value)));
  return Region::binary(sample.rect, bits);
}

PixelRect bounds_above(const FloatMap& map, float threshold) {
  PixelRect found{kWidth, kHeight, 0, 0};
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      if (map.at(x, y) > threshold)
        found = {std::min(found.x0, x), std::min(found.y0, y), std::max(found.x1, x + 1),
                 std::max(found.y1, y + 1)};
  return found.empty() ? PixelRect{} : found;
}

TEST(Regions, AreTheirPixels) {
  for (const Sample& sample : samples()) {
    for (const bool binary : {false, true}) {
      SCOPED_TRACE(::testing::Message()
                   << sample.rect.width() << " x " << sample.rect.height() << " " << binary);
      const FloatMap map = painted(sample, binary);
      const Region region = region_of(sample, binary);
      std::int64_t area = 0;
      for (int y = -1; y <= kHeight; ++y)
        for (int x = -1; x <= kWidth; ++x) {
          const bool in_image = x >= 0 && y >= 0 && x < kWidth && y < kHeight;
          ASSERT_EQ(region.value(x, y), in_image ? map.at(x, y) : 0) << x << ", " << y;
          area += in_image && map.at(x, y) > 0.5F;
        }
      EXPECT_EQ(region.rect(), bounds_above(map, 0));
      EXPECT_EQ(region.bounds(), bounds_above(map, 0.5F));
      EXPECT_EQ(region.area(), area);
      EXPECT_EQ(region.empty(), bounds_above(map, 0).empty());
    }
  }
}

TEST(Regions, VisitRunsAndValuesInOrder) {
  for (const Sample& sample : samples()) {
    for (const bool binary : {false, true}) {
      const FloatMap map = painted(sample, binary);
      const Region region = region_of(sample, binary);
      FloatMap runs{kWidth, kHeight, std::vector<float>(kWidth * kHeight)}, values = runs;
      int last = -1;
      region.for_each_run([&](int y, int begin, int end) {
        EXPECT_LT(begin, end);
        EXPECT_GT(y * (kWidth + 1) + begin, last) << "runs are as long as they can be";
        last = y * (kWidth + 1) + end;
        for (int x = begin; x < end; ++x) runs.at(x, y) = 1;
      });
      region.for_each_value([&](int x, int y, float value) { values.at(x, y) = value; });
      EXPECT_EQ(values.values, map.values);
      for (std::size_t i = 0; i < map.values.size(); ++i)
        ASSERT_EQ(runs.values[i], map.values[i] > 0.5F ? 1 : 0) << i;
    }
  }
}

TEST(Regions, ChangeTheirForm) {
  for (const Sample& sample : samples()) {
    const Region soft = region_of(sample, false);
    const FloatMap map = painted(sample, false);
    const Region above = Region::above(map.values, kWidth, kHeight, 0.5F);
    EXPECT_EQ(soft.binarised(), above);
    EXPECT_EQ(above.binarised(), above);
    EXPECT_TRUE(above.is_binary());
    EXPECT_EQ(Region::binary(to_mask(soft, kWidth, kHeight)), above);
    EXPECT_EQ(to_mask(soft, kWidth, kHeight, 0).values,
              to_mask(region_of(sample, true), kWidth, kHeight).values);
    Region moved = soft;
    moved.move(-3, 2);
    EXPECT_EQ(moved.value(7, 8), soft.value(10, 6));
    EXPECT_EQ(moved.area(), soft.area());
  }
}

TEST(Regions, TakeABitOrAFloatAPixel) {
  const std::vector<std::uint8_t> bits(640 * 100, 1);
  EXPECT_EQ(Region::binary({0, 0, 640, 100}, bits).bytes(), 640U * 100 / 8);
  EXPECT_EQ(Region::soft({0, 0, 640, 100}, std::vector<float>(640 * 100, 0.5F)).bytes(), 640U * 100 * 4);
  EXPECT_EQ(Region().bytes(), 0U);
}

TEST(Regions, RefuseWhatDoesNotFit) {
  constexpr int kHuge = std::numeric_limits<int>::max(), kLeast = std::numeric_limits<int>::min();
  const auto refused = [](const PixelRect& rect, std::vector<float> values) {
    return error_of(ErrorKind::kBadInput, [&] { Region::soft(rect, std::move(values)); });
  };
  EXPECT_THAT(refused({0, 0, 2, 2}, {1, 1, 1}), HasSubstr("cannot have 3 values"));
  EXPECT_THAT(refused({2, 2, 0, 0}, {1, 1, 1, 1}), HasSubstr("cannot have 4 values"));
  EXPECT_THAT(refused({kLeast, 0, kHuge, 1}, {1}), HasSubstr("cannot have 1 values"));
  EXPECT_THAT(refused({0, 0, 1, 1}, {std::nanf("")}), HasSubstr("not finite"));
  EXPECT_THAT(refused({0, 0, 1, 1}, {-0.1F}), HasSubstr("negative"));
  EXPECT_EQ(refused({5, 5, 5, 9}, {}), "nothing was thrown");

  const std::vector<std::uint8_t> ones(8, 1);
  for (const Region& beyond : {Region::binary({5, 5, 9, 7}, ones), Region::binary({-1, 0, 3, 2}, ones)})
    EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { to_mask(beyond, 8, 6); }),
                HasSubstr("does not lie within 8 x 6"));
  EXPECT_NE(error_of(ErrorKind::kBadInput, [] { to_mask({}, -1, 5); }), "nothing was thrown");
  EXPECT_THAT(error_of(ErrorKind::kNoMemory, [] { to_mask({}, kHuge, kHuge); }),
              HasSubstr("not enough memory"));
  EXPECT_EQ(to_mask({}, 8, 6).values.size(), 48U);
}

}  // namespace
}  // namespace anomalyvlm
