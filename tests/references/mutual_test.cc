#include "references/mutual.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

namespace anomalyvlm {
namespace {

constexpr int kSize = 7;

class Batch {
 public:
  explicit Batch(unsigned seed) : random_(seed) {}

  std::vector<float> vectors(int count) {
    std::normal_distribution<float> normal;
    std::vector<float> values;
    for (int i = 0; i < count; ++i) {
      std::vector<float> vector(kSize);
      float length = 0;
      for (float& v : vector) {
        v = normal(random_);
        length += v * v;
      }
      for (const float v : vector) values.push_back(v / std::sqrt(length));
    }
    return values;
  }

  void add(std::vector<float> rows) {
    const auto count = static_cast<std::int64_t>(rows.size()) / kSize;
    images.push_back(rows);
    pools.emplace_back(Tensor::from({count, kSize}, std::move(rows)));
  }

  std::vector<std::vector<float>> images;
  std::vector<RowPool> pools;

 private:
  std::mt19937 random_;
};

DescriptorGrid grid_of(std::vector<float> vectors) {
  DescriptorGrid grid;
  grid.width = static_cast<int>(vectors.size()) / kSize;
  grid.height = 1;
  grid.size = kSize;
  grid.vectors = std::move(vectors);
  return grid;
}

// Distance and row of the nearest, by the definition.
std::pair<double, int> nearest_by_hand(const std::vector<float>& rows, const float* query) {
  std::pair<double, int> best{4, -1};
  for (int r = 0; r < static_cast<int>(rows.size()) / kSize; ++r) {
    double product = 0;
    for (int c = 0; c < kSize; ++c)
      product += static_cast<double>(rows[static_cast<std::size_t>(r * kSize + c)]) * query[c];
    if (1 - product < best.first) best = {1 - product, r};
  }
  return best;
}

TEST(Mutual, IsTheMeanOverTheMostSimilarImages) {
  for (const int count : {1, 2, 5, 11}) {
    Batch batch(static_cast<unsigned>(count));
    int rows = 0;
    std::vector<int> first;
    for (int i = 0; i < count; ++i) {
      first.push_back(rows);
      rows += 3 + i;
      batch.add(batch.vectors(3 + i));
    }
    std::vector<float> alarms;
    for (int r = 0; r < rows; ++r) alarms.push_back(static_cast<float>(r) / static_cast<float>(rows));
    const DescriptorGrid grid = grid_of(batch.vectors(9));
    const GridComparison got = compare_mutually(batch.pools, alarms, grid, NearestQuestion::kAnywhere);
    const auto similar = std::max(1L, std::lround(kMutualShare * count));
    for (std::size_t i = 0; i < grid.cells(); ++i) {
      std::vector<std::pair<double, int>> each;
      for (int k = 0; k < count; ++k) {
        const auto [distance, row] =
            nearest_by_hand(batch.images[static_cast<std::size_t>(k)], &grid.vectors[i * kSize]);
        each.emplace_back(distance, first[static_cast<std::size_t>(k)] + row);
      }
      std::sort(each.begin(), each.end());
      double sum = 0, alarm = 0;
      for (long k = 0; k < similar; ++k) {
        sum += each[static_cast<std::size_t>(k)].first;
        alarm +=
            static_cast<double>(alarms[static_cast<std::size_t>(each[static_cast<std::size_t>(k)].second)]);
      }
      EXPECT_NEAR(got.nearest[i], sum / static_cast<double>(similar), 1e-5);
      EXPECT_NEAR(got.alarms[i], alarm / static_cast<double>(similar), 1e-5);
      EXPECT_EQ(got.rows[i], each[0].second);
    }
  }
}

TEST(Mutual, LeavesOutTheImageItself) {
  Batch batch(3);
  for (int i = 0; i < 4; ++i) batch.add(batch.vectors(6));
  const DescriptorGrid grid = grid_of(batch.images[2]);
  Batch others(4);
  for (const int i : {0, 1, 3}) others.add(batch.images[static_cast<std::size_t>(i)]);
  EXPECT_EQ(compare_mutually(batch.pools, {}, grid, NearestQuestion::kAnywhere).nearest,
            compare_mutually(others.pools, {}, grid, NearestQuestion::kAnywhere).nearest);
}

TEST(Mutual, OfNothingElseEverythingIsFar) {
  Batch batch(5);
  batch.add(batch.vectors(6));
  const GridComparison got =
      compare_mutually(batch.pools, {}, grid_of(batch.images[0]), NearestQuestion::kAnywhere);
  EXPECT_EQ(got.nearest, std::vector<float>(6, 1.0F));
  EXPECT_EQ(got.rows, std::vector<std::int64_t>(6, 0));
}

}  // namespace
}  // namespace anomalyvlm
