#include "eval/metrics/region_scores.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <set>

#include "errors.h"
#include "eval/metrics/reference.h"

namespace anomalyvlm::eval::test {
namespace {

using anomalyvlm::test::error_of;
using testing::HasSubstr;

Mask with_rectangles(int width, int height, const std::vector<std::array<int, 4>>& rectangles) {
  Mask mask{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height)};
  for (const auto& [x0, y0, x1, y1] : rectangles)
    for (int y = y0; y < y1; ++y)
      for (int x = x0; x < x1; ++x) mask.at(x, y) = 1;
  return mask;
}

RegionMask rectangle(int x0, int y0, int x1, int y1) {
  return {x0, y0, x1 - x0, y1 - y0,
          std::vector<float>(static_cast<std::size_t>((x1 - x0) * (y1 - y0)), 1.0F)};
}

RegionFigures measured(const std::vector<ScoredRegion>& regions, const PreparedTruth& truth) {
  RegionScores scores;
  scores.add(regions, truth);
  const RegionScores* const all[] = {&scores};
  return measure_regions(all);
}

TEST(RegionScores, AreMatchedOneToOne) {
  const PreparedTruth truth(with_rectangles(20, 10, {{0, 0, 5, 4}, {10, 5, 20, 10}}));
  const RegionMask first = rectangle(0, 0, 5, 4), again = rectangle(0, 0, 5, 4),
                   second = rectangle(10, 5, 20, 10);
  EXPECT_EQ(measured({{0.9, first}, {0.5, second}}, truth).f1.value, 1);
  EXPECT_EQ(measured({{0.9, first}, {0.5, second}}, truth).threshold.value, 0.5);
  // The second find of the same defect is a mistake: 2 of 3, of 2.
  EXPECT_DOUBLE_EQ(measured({{0.9, first}, {0.8, again}, {0.5, second}}, truth).f1.value, 0.8);
  EXPECT_EQ(measured({{0.9, first}}, truth).marked, 2U);
  EXPECT_DOUBLE_EQ(measured({{0.9, first}}, truth).f1.value, 2.0 / 3);
}

TEST(RegionScores, ThreeFifthsAreEnough) {
  const PreparedTruth truth(with_rectangles(20, 10, {{2, 0, 12, 10}}));  // 100 pixels
  const RegionMask enough = rectangle(2, 0, 8, 10), too_little = rectangle(3, 0, 9, 10);
  EXPECT_EQ(measured({{1, enough}}, truth).f1.value, 1);
  EXPECT_EQ(measured({{1, too_little}}, truth).f1.value, 1);  // 60 of 100 as well
  RegionMask missing = enough;
  missing.values[7] = 0.5F;  // not above
  EXPECT_EQ(measured({{1, missing}}, truth).f1.value, 0);
  EXPECT_EQ(measured({{1, missing}}, truth).threshold.value, 1);
}

TEST(RegionScores, BoxesAreComparedWithBoundingBoxes) {
  const Mask filled = with_rectangles(20, 10, {{2, 2, 12, 8}, {8, 4, 18, 10}});  // one part of two boxes
  const PreparedTruth truth(filled, {{2, 2, 12, 8}, {8, 4, 18, 10}});
  RegionMask cross = rectangle(1, 1, 13, 9);  // only a diagonal, which reaches from (2, 2) to (12, 8)
  for (std::size_t i = 0; i < cross.values.size(); ++i) cross.values[i] = 0;
  cross.values[1 * 12 + 1] = cross.values[6 * 12 + 10] = 0.75F;
  const RegionMask other = rectangle(8, 4, 18, 10);
  EXPECT_EQ(measured({{1, cross}, {2, other}}, truth).f1.value, 1);
  EXPECT_EQ(measured({{1, cross}, {2, other}}, truth).marked, 2U);
  EXPECT_EQ(measured({{1, cross}, {2, other}}, PreparedTruth(filled)).f1.value, 0);
}

// F1 at each threshold with the matching done anew among what is left.
TEST(RegionScores, F1IsThatOfEachThresholdByItself) {
  std::mt19937 random(8);
  const auto below = [&](int end) { return static_cast<int>(random() % static_cast<unsigned>(end)); };
  for (int round = 0; round < 30; ++round) {
    RegionScores parts[2];
    std::vector<PreparedTruth> truths;
    std::vector<std::vector<RegionMask>> masks(4);
    std::vector<std::vector<ScoredRegion>> regions(4);
    std::set<double> thresholds;
    for (std::size_t i = 0; i < 4; ++i) {
      const Mask mask = random_mask(random, 24, 18, 3);
      truths.emplace_back(mask);
      const std::vector<int> flooded = flooded_parts(mask);
      masks[i].reserve(8);
      for (int k = 0; k < 8; ++k) {  // the parts with noise, in a rectangle that may cut them
        RegionMask region{below(4), below(4), 20 - below(4), 14 - below(4), {}};
        for (int y = 0; y < region.height; ++y)
          for (int x = 0; x < region.width; ++x) {
            const bool in = flooded[static_cast<std::size_t>((y + region.y0) * 24 + x + region.x0)] == k / 2;
            region.values.push_back(in != (below(40) == 0) ? 1.0F : 0.0F);
          }
        masks[i].push_back(region);
        regions[i].push_back({below(6) / 4.0, masks[i].back()});
        thresholds.insert(regions[i].back().score);
      }
      parts[i % 2].add(regions[i], truths[i]);
    }
    double best = 0;
    for (const double threshold : thresholds) {
      double matched = 0, predicted = 0, marked = 0;
      for (std::size_t i = 0; i < 4; ++i) {
        std::vector<ScoredRegion> left;
        for (const ScoredRegion& region : regions[i])
          if (region.score >= threshold) left.push_back({0, region.region});
        std::set<std::uint32_t> taken;  // IoUs of 0.6 and disjoint parts: a region fits one part at most
        for (const ScoredRegion& scored : left) {
          std::vector<int> hits(truths[i].part_pixels().size());
          int area = 0;
          for (const float value : scored.region.values) area += value > 0.5F;
          for (const PreparedTruth::Run& run : truths[i].runs())
            for (std::uint32_t place = run.begin; place < run.end; ++place) {
              const int x = static_cast<int>(place) % 24 - scored.region.x0,
                        y = static_cast<int>(place) / 24 - scored.region.y0;
              if (x >= 0 && y >= 0 && x < scored.region.width && y < scored.region.height)
                hits[run.part] +=
                    scored.region.values[static_cast<std::size_t>(y * scored.region.width + x)] > 0.5F;
            }
          for (std::uint32_t part = 0; part < hits.size(); ++part)
            if (hits[part] * 10 >= 6 * (area + static_cast<int>(truths[i].part_pixels()[part]) - hits[part]))
              taken.insert(part);
        }
        matched += static_cast<double>(taken.size());
        predicted += static_cast<double>(left.size());
        marked += static_cast<double>(truths[i].part_pixels().size());
      }
      if (marked > 0) best = std::max(best, 2 * matched / (predicted + marked));
    }
    const RegionScores* const both[] = {&parts[0], &parts[1]};
    const RegionFigures found = measure_regions(both);
    ASSERT_GT(found.marked, 0U);
    EXPECT_NEAR(found.f1.value, best, 1e-12);
  }
}

TEST(RegionScores, WhatIsNotDefinedHasAReason) {
  const PreparedTruth normal(with_rectangles(4, 4, {})), defect(with_rectangles(4, 4, {{0, 0, 2, 2}}));
  const RegionMask region = rectangle(1, 1, 3, 3), empty;
  EXPECT_EQ(measure_regions({}).f1.undefined, "no region is marked");
  EXPECT_EQ(measured({{1, region}}, normal).f1.undefined, "no region is marked");
  EXPECT_EQ(measured({}, defect).f1.value, 0);
  EXPECT_EQ(measured({}, defect).threshold.undefined, "no region was predicted");
  EXPECT_EQ(measured({{1, empty}}, defect).f1.value, 0);
  EXPECT_EQ(measured({{1, empty}}, PreparedTruth(with_rectangles(4, 4, {}), {Box{1, 1, 1, 1}})).f1.value, 0);
}

TEST(RegionScores, RefusesWhatIsNotOfTheImage) {
  const PreparedTruth truth(with_rectangles(4, 4, {{0, 0, 2, 2}}));
  RegionScores scores;
  const RegionMask fine = rectangle(0, 0, 2, 2), beyond = rectangle(2, 2, 5, 4);
  RegionMask cut = fine;
  cut.values.pop_back();
  const auto refused = [&](const ScoredRegion& region) {
    const std::vector<ScoredRegion> regions{{1, fine}, region};
    return error_of(ErrorKind::kBadInput, [&] { scores.add(regions, truth); });
  };
  EXPECT_THAT(refused({1, beyond}), HasSubstr("not within"));
  EXPECT_THAT(refused({1, RegionView(-1, 0, 1, 1, {})}), HasSubstr("not within"));
  EXPECT_THAT(refused({1, RegionView(std::numeric_limits<int>::max(), 0, 1, 1, {})}),
              HasSubstr("not within"));
  EXPECT_THAT(refused({1, cut}), HasSubstr("3 values"));
  EXPECT_THAT(refused({std::numeric_limits<double>::quiet_NaN(), fine}), HasSubstr("not a finite"));
  EXPECT_EQ(scores.marked(), 0U);
}

}  // namespace
}  // namespace anomalyvlm::eval::test
