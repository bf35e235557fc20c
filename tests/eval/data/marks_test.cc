#include "eval/data/marks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>

#include "errors.h"

namespace anomalyvlm::eval {
namespace {

Mask covered(const Polygon& outline, int width, int height) {
  return covered_by({Mark{.box = {}, .outlines = {outline}}}, width, height, "X");
}

// Whether a ray from the point to the left crosses the outline an odd number of times.
bool is_inside(const Polygon& outline, double x, double y) {
  bool inside = false;
  for (std::size_t i = 0, j = outline.size() - 2; i < outline.size(); j = i, i += 2) {
    const bool crosses = (outline[i + 1] > y) != (outline[j + 1] > y);
    if (crosses &&
        outline[i] + (y - outline[i + 1]) / (outline[j + 1] - outline[i + 1]) * (outline[j] - outline[i]) < x)
      inside = !inside;
  }
  return inside;
}

TEST(Marks, OutlinesOfWholePixels) {
  const Mask square = covered({1, 1, 4, 1, 4, 3, 1, 3}, 6, 5);
  for (int y = 0; y < 5; ++y)
    for (int x = 0; x < 6; ++x)
      EXPECT_EQ(square.at(x, y), x >= 1 && x < 4 && y >= 1 && y < 3) << x << ' ' << y;
}

TEST(Marks, OutlinesCoverThePixelsInside) {
  std::mt19937 random(5);
  const auto any = [&](double from, double to) { return std::uniform_real_distribution<>(from, to)(random); };
  for (int round = 0; round < 300; ++round) {
    const int width = 3 + round % 37, height = 2 + round % 29;
    Polygon outline;
    for (int i = 0; i < 3 + round % 9; ++i) {
      outline.push_back(any(-5, width + 5));
      outline.push_back(any(-5, height + 5));
    }
    Mask expected{width, height, {}};
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) expected.values.push_back(is_inside(outline, x, y));
    if (std::find(expected.values.begin(), expected.values.end(), 1) == expected.values.end()) continue;
    EXPECT_EQ(covered(outline, width, height).values, expected.values) << "round " << round;
  }
}

TEST(Marks, ThinOutlinesKeepThePixelsThatTheyRunThrough) {
  const Mask line = covered({1.2, 1.2, 6.4, 1.3, 1.2, 1.21}, 9, 4);
  int count = 0;
  for (int x = 0; x < 9; ++x) count += line.at(x, 1);
  EXPECT_EQ(count, 6) << "from pixel 1 to 6";
  EXPECT_EQ(std::count(line.values.begin(), line.values.end(), 1), 6);
}

TEST(Marks, FarCornersCostNothing) {
  const Mask all = covered({-9e8, -9e8, 9e8, -9e8, 9e8, 9e8, -9e8, 9e8}, 64, 48);
  EXPECT_EQ(std::count(all.values.begin(), all.values.end(), 1), 64 * 48);
}

TEST(Marks, PartsAndKindsAreJoined) {
  Mark runs;
  runs.runs = {4, 2, {7, 1}};
  const Mark outlines{.box = {}, .outlines = {{0, 0, 1, 0, 1, 1, 0, 1}, {0, 1, 1, 1, 1, 2, 0, 2}}};
  const Mask mask = covered_by({runs, outlines, Mark{.box = {2, 0, 3, 1}}}, 4, 2, "X");
  EXPECT_EQ(mask.values, (std::vector<std::uint8_t>{1, 0, 1, 0, 1, 0, 0, 1}));
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [&] { covered_by({runs}, 2, 4, "'a.png'"); }),
              testing::HasSubstr("'a.png' has run lengths of 4 x 2 pixels, but it has 2 x 4"));
}

TEST(Marks, MasksAndBoxesTurnAlike) {
  Mask mask{5, 3, std::vector<std::uint8_t>(15)};
  mask.at(1, 2) = mask.at(2, 2) = 1;
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Mask turned = upright(mask, orientation);
    EXPECT_EQ(turned.width, orientation >= 5 ? 3 : 5);
    const Box box = upright(Box{1, 2, 3, 3}, orientation, 5, 3);
    for (int y = 0; y < turned.height; ++y)
      for (int x = 0; x < turned.width; ++x)
        EXPECT_EQ(turned.at(x, y) == 1, x >= box.x0 && x < box.x1 && y >= box.y0 && y < box.y1)
            << orientation;
  }
}

}  // namespace
}  // namespace anomalyvlm::eval
