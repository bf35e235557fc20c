#include "regions/watershed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace anomalyvlm {
namespace {

using ::testing::ElementsAre;

constexpr WatershedOptions kOptions = {.depth = 0.15F, .valley = 0.5F, .least_peak = 0.02F, .most = 40};

FloatMap map_of(int width, std::vector<float> values) {
  const int height = static_cast<int>(values.size()) / width;
  return {width, height, std::move(values)};
}

std::vector<float> peaks_of(const std::vector<WatershedRegion>& regions) {
  std::vector<float> peaks;
  for (const WatershedRegion& region : regions) peaks.push_back(region.peak);
  return peaks;
}

TEST(Watershed, APeakReachesDownToAShareOfItsPeak) {
  const auto regions = watershed(map_of(6, {0.05F, 0.1F, 0.8F, 0.4F, 0.125F, 0.1F}), kOptions);
  ASSERT_EQ(regions.size(), 1U);
  const WatershedRegion& hill = regions[0];
  EXPECT_EQ(hill.peak, 0.8F);
  EXPECT_EQ(hill.peak_x, 2);
  EXPECT_EQ(hill.mask.rect(), (PixelRect{2, 0, 5, 1}));
  EXPECT_THAT(hill.mask.soft_values(), ElementsAre(1, 0.5F, 0.125F / 0.8F));
}

TEST(Watershed, OfNothing) {
  EXPECT_TRUE(watershed(map_of(3, std::vector<float>(9, 0.0F)), kOptions).empty());
  EXPECT_TRUE(watershed(map_of(2, {0.01F, 0.019F}), kOptions).empty());
  EXPECT_TRUE(watershed(FloatMap{}, kOptions).empty());
}

TEST(Watershed, ADeepValleyParts) {
  const auto regions = watershed(map_of(5, {0.3F, 1, 0.2F, 0.5F, 0.4F}), kOptions);
  EXPECT_THAT(peaks_of(regions), ElementsAre(1, 0.5F));
  EXPECT_EQ(regions[0].mask.rect().x1, 3);  // the pass belongs to the higher side
  EXPECT_EQ(regions[1].mask.rect().x0, 3);
  EXPECT_EQ(regions[1].mask.rect().x1, 5);
}

TEST(Watershed, AShallowValleyJoins) {
  const auto regions = watershed(map_of(5, {0.3F, 1, 0.25F, 0.5F, 0.4F}), kOptions);
  EXPECT_THAT(peaks_of(regions), ElementsAre(1));
  EXPECT_EQ(regions[0].mask.rect().x0, 0);
  EXPECT_EQ(regions[0].mask.rect().x1, 5);
}

TEST(Watershed, TheHighestPassCounts) {
  // Round the deep place between the two peaks leads a ridge.
  const auto regions = watershed(map_of(3, {1, 0.1F, 0.8F,     //
                                            0.7F, 0.1F, 0.7F,  //
                                            0.6F, 0.6F, 0.6F}),
                                 kOptions);
  EXPECT_THAT(peaks_of(regions), ElementsAre(1));
}

TEST(Watershed, CornersTouch) {
  EXPECT_EQ(watershed(map_of(2, {1, 0, 0, 0.9F}), kOptions).size(), 1U);
  EXPECT_EQ(watershed(map_of(3, {1, 0, 0.9F}), kOptions).size(), 2U);
}

TEST(Watershed, PlateausAreOne) {
  const auto flat = watershed(map_of(3, std::vector<float>(6, 0.5F)), kOptions);
  ASSERT_EQ(flat.size(), 1U);
  EXPECT_EQ(flat[0].peak_x, 0);
  EXPECT_EQ(flat[0].peak_y, 0);
  EXPECT_THAT(flat[0].mask.soft_values(), ElementsAre(1, 1, 1, 1, 1, 1));
  // A horseshoe: its two ends are met before what joins them.
  const auto bent = watershed(map_of(3, {1, 0, 1,  //
                                         1, 0, 1,  //
                                         1, 1, 1}),
                              {.depth = 0.15F, .valley = 1});
  ASSERT_EQ(bent.size(), 1U);
  EXPECT_THAT(bent[0].mask.soft_values(), ElementsAre(1, 0, 1, 1, 0, 1, 1, 1, 1));
}

TEST(Watershed, OfEqualHeightsTheFirstInPlace) {
  const auto regions = watershed(map_of(5, {0, 0.7F, 0, 0, 0.7F,  //
                                            0, 0, 0, 0, 0,        //
                                            0.7F, 0, 0.9F, 0, 0}),
                                 kOptions);
  EXPECT_THAT(peaks_of(regions), ElementsAre(0.9F, 0.7F, 0.7F, 0.7F));
  EXPECT_EQ(regions[1].peak_x, 1);
  EXPECT_EQ(regions[2].peak_x, 4);
  EXPECT_EQ(regions[3].peak_y, 2);
}

TEST(Watershed, TheHighestAreKept) {
  WatershedOptions options = kOptions;
  options.most = 2;
  EXPECT_THAT(peaks_of(watershed(map_of(7, {0.3F, 0, 0.9F, 0, 0.5F, 0, 0.7F}), options)),
              ElementsAre(0.9F, 0.7F));
}

FloatMap random_map(int width, int height, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> value(0, 1);
  FloatMap map{width, height, {}};
  for (int i = 0; i < width * height; ++i) map.values.push_back(value(random));
  return map;
}

bool is_local_maximum(const FloatMap& map, int x, int y) {
  for (int ny = std::max(0, y - 1); ny <= std::min(map.height - 1, y + 1); ++ny)
    for (int nx = std::max(0, x - 1); nx <= std::min(map.width - 1, x + 1); ++nx)
      if (map.at(nx, ny) > map.at(x, y)) return false;
  return true;
}

// The number of cells that a walk from the peak meets inside the mask.
std::size_t connected_to_peak(const WatershedRegion& region) {
  std::vector<std::pair<int, int>> open = {{region.peak_x, region.peak_y}};
  std::set<std::pair<int, int>> met(open.begin(), open.end());
  while (!open.empty()) {
    const auto [x, y] = open.back();
    open.pop_back();
    for (int ny = y - 1; ny <= y + 1; ++ny)
      for (int nx = x - 1; nx <= x + 1; ++nx)
        if (region.mask.value(nx, ny) > 0 && met.insert({nx, ny}).second) open.emplace_back(nx, ny);
  }
  return met.size();
}

TEST(Watershed, KeepTheirPromisesOnNoise) {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 17}, {23, 1}, {13, 11}, {40, 31}}) {
    const FloatMap map = random_map(width, height, static_cast<unsigned>(width));
    int maxima = 0;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) maxima += is_local_maximum(map, x, y);
    // With a valley that nothing reaches every local maximum is a hill; with one that all reach there is one.
    const auto apart = watershed(map, {.depth = 0.2F, .valley = 2, .least_peak = 0, .most = 10000});
    EXPECT_EQ(static_cast<int>(apart.size()), maxima);
    EXPECT_EQ(watershed(map, {.depth = 0, .valley = 0, .least_peak = 0}).size(), 1U);

    std::set<std::pair<int, int>> taken;
    float last = 2;
    for (const WatershedRegion& region : apart) {
      EXPECT_LE(region.peak, last);
      last = region.peak;
      EXPECT_EQ(region.peak, map.at(region.peak_x, region.peak_y));
      std::size_t cells = 0;
      const PixelRect& rect = region.mask.rect();
      for (int y = rect.y0; y < rect.y1; ++y) {
        for (int x = rect.x0; x < rect.x1; ++x) {
          const float share = region.mask.value(x, y);
          if (share == 0) continue;
          ++cells;
          EXPECT_TRUE(taken.insert({x, y}).second) << "in two regions";
          EXPECT_EQ(share, map.at(x, y) / region.peak);
          EXPECT_GE(share, 0.2F);
          EXPECT_LE(share, 1);
        }
      }
      EXPECT_EQ(connected_to_peak(region), cells);
    }
  }
}

}  // namespace
}  // namespace anomalyvlm
