// What comparisons with references mean for an image, against the formulas.
#include "roles/reference_maps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "image/resize.h"

namespace anomalyvlm {
namespace {

using ::testing::Each;
using ::testing::FloatNear;

GridComparison comparison(int width, int height, std::vector<float> nearest, double usual, double high,
                          std::vector<float> alarms = {}) {
  GridComparison made;
  made.width = width;
  made.height = height;
  made.nearest = std::move(nearest);
  made.alarms = std::move(alarms);
  made.usual = usual;
  made.high = high;
  for (std::size_t i = 0; i < made.nearest.size(); ++i)
    made.rows.push_back(static_cast<std::int64_t>(10 * i));
  return made;
}

ReferenceMaps maps_of(const GridComparison& scale) {
  return reference_maps({&scale, 1}, scale.width, scale.height);
}

TEST(ReferenceMapsTest, DistancesAreMultiplesOfWhatIsUsualAndHigh) {
  const ReferenceMaps maps = maps_of(comparison(2, 2, {0, 0.1F, 0.2F, 0.6F}, 0.1, 0.3));
  const float usual[] = {0, 1, 2, 6}, high[] = {0, 1.0F / 3, 2.0F / 3, 2};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(maps.of_usual.values[i], usual[i], 1e-5);
    EXPECT_NEAR(maps.of_high.values[i], high[i], 1e-5);
  }
  EXPECT_THAT(maps.false_alarms.values, Each(0)) << "the model does not tell";
}

// In full up to 0.4 of what is high, not at all from 0.8.
TEST(ReferenceMapsTest, FalseAlarmsAreOfPlacesThatLookTheSame) {
  const ReferenceMaps maps =
      maps_of(comparison(5, 1, {0, 0.08F, 0.12F, 0.16F, 1}, 0.1, 0.2, {0.9F, 0.8F, 0.6F, 0.9F, 0.9F}));
  const float expected[] = {0.9F, 0.8F, 0.3F, 0, 0};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(maps.false_alarms.values[i], expected[i], 1e-5) << i;
}

// By the median of the distances: fully up to 3 times what is usual, not at all from 6.
TEST(ReferenceMapsTest, ReferencesOfAnotherProductAreNotTrusted) {
  const std::pair<float, double> cases[] = {{0, 1}, {0.3F, 1}, {0.45F, 0.5}, {0.54F, 0.2}, {0.6F, 0}, {2, 0}};
  for (const auto& [distance, trust] : cases) {
    const ReferenceMaps maps = maps_of(comparison(3, 1, {distance, 0, 2}, 0.1, 0.2));
    EXPECT_NEAR(maps.trust, trust, 1e-5) << distance;
  }
}

TEST(ReferenceMapsTest, EachScaleCountsTheSame) {
  const GridComparison scales[] = {comparison(1, 1, {0.1F}, 0.1, 0.2, {0.5F}),
                                   comparison(2, 2, {0.4F, 0.4F, 0.4F, 0.4F}, 0.1, 0.4, {1, 1, 1, 1})};
  const ReferenceMaps maps = reference_maps(scales, 4, 4);
  EXPECT_EQ(maps.of_usual.width, 4);
  EXPECT_THAT(maps.of_usual.values, Each(FloatNear((1 + 4) / 2.0F, 1e-5F)));
  EXPECT_THAT(maps.of_high.values, Each(FloatNear((0.5F + 1) / 2, 1e-5F)));
  EXPECT_THAT(maps.false_alarms.values, Each(FloatNear(0.5F * 0.75F / 2, 1e-5F)));
  EXPECT_NEAR(maps.trust, (1 + 2 / 3.0) / 2, 1e-5) << "4 times what is usual at the fine scale";
}

TEST(ReferenceMapsTest, ReferencesThatDoNotFitAreNoted) {
  EXPECT_FALSE(note_on_fit(maps_of(comparison(3, 1, {0.1F, 0.1F, 0.2F}, 0.1, 0.2))));
  EXPECT_TRUE(note_on_fit(maps_of(comparison(3, 1, {0.8F, 0.7F, 0.9F}, 0.1, 0.2))));
}

TEST(BesideReferencesTest, FalseAlarmsAreTakenAwayAndDistancesAdded) {
  ReferenceMaps maps =
      maps_of(comparison(5, 1, {0, 0.08F, 0.2F, 0.6F, 1}, 0.1, 0.2, std::vector<float>(5, 0.5F)));
  maps.trust = 0.5;
  const FloatMap map = beside_references({5, 1, {0.6F, 0.4F, 0.1F, 0.9F, 0}}, maps);
  const float expected[] = {0.1F, 0, 0.1F + 0.1F * 0.25F, 1, 0.1F * 2};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(map.values[i], expected[i], 1e-5) << i;
  maps.trust = 0;
  EXPECT_NEAR(beside_references({5, 1, {0, 0, 0, 0, 0.3F}}, maps).values[4], 0.3F, 1e-6);
}

TEST(ReferenceMapsTest, ReferencesThatAreAllTheSame) {
  const ReferenceMaps maps = maps_of(comparison(2, 1, {0, 0.5F}, 0, 0, {0.7F, 0.7F}));
  EXPECT_EQ(maps.of_usual.values[0], 0);
  EXPECT_NEAR(maps.of_usual.values[1], 0.5 / 1e-4, 1);
  EXPECT_NEAR(maps.of_high.values[1], 0.5 / 2e-4, 1);
  EXPECT_FLOAT_EQ(maps.false_alarms.values[0], 0.7F);
  EXPECT_EQ(maps.false_alarms.values[1], 0);
}

// In units in which what is usual has the saliency's mean.
TEST(PooledSaliencyTest, IsTheSmallerOfBoth) {
  const FloatMap saliency{4, 1, {0.1F, 0.3F, 0.2F, 0.6F}};  // mean 0.3
  const FloatMap pooled = pooled_saliency(saliency, {4, 1, {10, 0.5F, 1, 1.5F}});
  const float expected[] = {0.1F, 0.15F, 0.2F, 0.45F};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(pooled.values[i], expected[i], 1e-6);
}

TEST(PooledSaliencyTest, ResizesTheOtherMap) {
  const FloatMap saliency{6, 4, std::vector<float>(24, 1)};
  const FloatMap pooled = pooled_saliency(saliency, {3, 2, std::vector<float>(6, 0.25F)});
  EXPECT_THAT(pooled.values, Each(FloatNear(0.25F, 1e-6F)));
}

class NumberedPool : public ReferencePool {
 public:
  std::vector<GridComparison> compare(std::span<const DescriptorGrid>) const override { return {}; }
  ReferencePlace place(std::size_t grid, std::int64_t row) const override {
    return {"image", static_cast<double>(grid), static_cast<double>(row)};
  }
};

TEST(MostAlikeTest, IsThePlaceOfTheFinestScale) {
  const GridComparison scales[] = {comparison(1, 1, {0}, 1, 1),
                                   comparison(4, 3, std::vector<float>(12), 1, 1)};
  const auto row = [&](double x, double y) {
    const ReferencePlace place = most_alike(NumberedPool(), scales, x, y);
    EXPECT_EQ(place.x, 1) << "of the finest scale";
    return place.y / 10;
  };
  EXPECT_EQ(row(0, 0), 0);
  EXPECT_EQ(row(0.26, 0.1), 1);
  EXPECT_EQ(row(0.6, 0.5), 6);
  EXPECT_EQ(row(1, 1), 11) << "the border belongs to the last cell";
}

}  // namespace
}  // namespace anomalyvlm
