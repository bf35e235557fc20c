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

Region rectangle(int x0, int y0, int x1, int y1) {
  return Region::soft({x0, y0, x1, y1},
                      std::vector<float>(static_cast<std::size_t>((x1 - x0) * (y1 - y0)), 1.0F));
}

RegionMetrics measured(const std::vector<ScoredRegion>& regions, const PreparedGroundTruth& truth) {
  RegionScores scores;
  scores.add(regions, truth);
  const RegionScores* const all[] = {&scores};
  return measure_regions(all);
}

TEST(RegionScores, AreMatchedOneToOne) {
  const PreparedGroundTruth truth(with_rectangles(20, 10, {{0, 0, 5, 4}, {10, 5, 20, 10}}));
  const Region first = rectangle(0, 0, 5, 4), again = rectangle(0, 0, 5, 4),
               second = rectangle(10, 5, 20, 10);
  EXPECT_EQ(measured({{&first, 0.9}, {&second, 0.5}}, truth).f1.value, 1);
  EXPECT_EQ(measured({{&first, 0.9}, {&second, 0.5}}, truth).threshold.value, 0.5);
  // The second find of the same defect is a mistake: 2 of 3, of 2.
  EXPECT_DOUBLE_EQ(measured({{&first, 0.9}, {&again, 0.8}, {&second, 0.5}}, truth).f1.value, 0.8);
  EXPECT_EQ(measured({{&first, 0.9}}, truth).marked, 2U);
  EXPECT_DOUBLE_EQ(measured({{&first, 0.9}}, truth).f1.value, 2.0 / 3);
}

TEST(RegionScores, ThreeFifthsAreEnough) {
  const PreparedGroundTruth truth(with_rectangles(20, 10, {{2, 0, 12, 10}}));  // 100 pixels
  const Region enough = rectangle(2, 0, 8, 10), too_little = rectangle(3, 0, 9, 10);
  EXPECT_EQ(measured({{&enough, 1}}, truth).f1.value, 1);
  EXPECT_EQ(measured({{&too_little, 1}}, truth).f1.value, 1);  // 60 of 100 as well
  std::vector<float> values(60, 1.0F);
  values[7] = 0.5F;  // not above
  const Region missing = Region::soft(enough.rect(), values);
  EXPECT_EQ(measured({{&missing, 1}}, truth).f1.value, 0);
  EXPECT_EQ(measured({{&missing, 1}}, truth).threshold.value, 1);
}

TEST(RegionScores, BoxesAreComparedWithBoundingBoxes) {
  const Mask filled = with_rectangles(20, 10, {{2, 2, 12, 8}, {8, 4, 18, 10}});  // one part of two boxes
  const PreparedGroundTruth truth(filled, {{2, 2, 12, 8}, {8, 4, 18, 10}});
  std::vector<float> values(12 * 8,
                            0.25F);  // above one half are only the ends of a diagonal, (2, 2) to (12, 8)
  values[1 * 12 + 1] = values[6 * 12 + 10] = 0.75F;
  const Region cross = Region::soft({1, 1, 13, 9}, values);
  const Region other = rectangle(8, 4, 18, 10);
  EXPECT_EQ(measured({{&cross, 1}, {&other, 2}}, truth).f1.value, 1);
  EXPECT_EQ(measured({{&cross, 1}, {&other, 2}}, truth).marked, 2U);
  EXPECT_EQ(measured({{&cross, 1}, {&other, 2}}, PreparedGroundTruth(filled)).f1.value, 0);
}

// F1 at each threshold with the matching repeated among what is left.
TEST(RegionScores, F1IsThatOfEachThresholdByItself) {
  std::mt19937 random(8);
  const auto below = [&](int end) { return static_cast<int>(random() % static_cast<unsigned>(end)); };
  for (int round = 0; round < 30; ++round) {
    RegionScores parts[2];
    std::vector<PreparedGroundTruth> truths;
    std::vector<std::vector<Region>> masks(4);
    std::vector<std::vector<ScoredRegion>> regions(4);
    std::set<double> thresholds;
    for (std::size_t i = 0; i < 4; ++i) {
      const Mask mask = random_mask(random, 24, 18, 3);
      truths.emplace_back(mask);
      const std::vector<int> flooded = flooded_parts(mask);
      masks[i].reserve(8);
      for (int k = 0; k < 8; ++k) {  // the parts with noise, in a rectangle that may cut them
        const PixelRect rect{below(4), below(4), 24 - below(4), 18 - below(4)};
        std::vector<std::uint8_t> values;
        for (int y = rect.y0; y < rect.y1; ++y)
          for (int x = rect.x0; x < rect.x1; ++x)
            values.push_back((flooded[static_cast<std::size_t>(y * 24 + x)] == k / 2) != (below(40) == 0));
        masks[i].push_back(Region::binary(rect, values));
        regions[i].push_back({&masks[i].back(), below(6) / 4.0});
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
          if (region.score >= threshold) left.push_back({region.region, 0});
        std::set<std::uint32_t> taken;  // IoUs of 0.6 and disjoint parts: a region fits one part at most
        for (const ScoredRegion& scored : left) {
          std::vector<int> hits(truths[i].part_pixels().size());
          const auto area = static_cast<int>(scored.region->area());
          for (const PreparedGroundTruth::Run& run : truths[i].runs())
            for (auto place = static_cast<int>(run.begin); place < static_cast<int>(run.end); ++place)
              hits[run.part] += scored.region->is_inside(place % 24, place / 24);
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
    const RegionMetrics found = measure_regions(both);
    ASSERT_GT(found.marked, 0U);
    EXPECT_NEAR(found.f1.value, best, 1e-12);
  }
}

TEST(RegionScores, WhatIsNotDefinedHasAReason) {
  const PreparedGroundTruth normal(with_rectangles(4, 4, {})), defect(with_rectangles(4, 4, {{0, 0, 2, 2}}));
  const Region region = rectangle(1, 1, 3, 3), empty;
  EXPECT_EQ(measure_regions({}).f1.undefined, "no region is marked");
  EXPECT_EQ(measured({{&region, 1}}, normal).f1.undefined, "no region is marked");
  EXPECT_EQ(measured({}, defect).f1.value, 0);
  EXPECT_EQ(measured({}, defect).threshold.undefined, "no region was predicted");
  EXPECT_EQ(measured({{&empty, 1}}, defect).f1.value, 0);
  EXPECT_EQ(
      measured({{&empty, 1}}, PreparedGroundTruth(with_rectangles(4, 4, {}), {Box{1, 1, 1, 1}})).f1.value, 0);
}

TEST(RegionScores, RefusesWhatIsNotOfTheImage) {
  const PreparedGroundTruth truth(with_rectangles(4, 4, {{0, 0, 2, 2}}));
  RegionScores scores;
  const Region fine = rectangle(0, 0, 2, 2), beyond = rectangle(2, 2, 5, 4);
  const auto refused = [&](const ScoredRegion& region) {
    const std::vector<ScoredRegion> regions{{&fine, 1}, region};
    return error_of(ErrorKind::kBadInput, [&] { scores.add(regions, truth); });
  };
  const Region before = rectangle(-1, 0, 1, 1);
  EXPECT_THAT(refused({&beyond, 1}), HasSubstr("not within"));
  EXPECT_THAT(refused({&before, 1}), HasSubstr("not within"));
  EXPECT_THAT(refused({&fine, std::numeric_limits<double>::quiet_NaN()}), HasSubstr("not a finite"));
  EXPECT_EQ(scores.marked(), 0U);
}

}  // namespace
}  // namespace anomalyvlm::eval::test
