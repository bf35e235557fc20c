#include "references/coreset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "anomalyvlm/error.h"
#include "core/threads.h"

namespace anomalyvlm {
namespace {

using Indices = std::vector<std::int64_t>;

Tensor random_rows(int count, int size, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values;
  for (int i = 0; i < count * size; ++i) values.push_back(std::max(0.0F, normal(random)));
  return Tensor::from<float>({count, size}, std::move(values));
}

double apart(const std::vector<std::vector<double>>& z, std::size_t a, std::size_t b) {
  double squared = 0;
  for (std::size_t k = 0; k < z[a].size(); ++k) squared += (z[a][k] - z[b][k]) * (z[a][k] - z[b][k]);
  return std::sqrt(squared);
}

// The definition, in double precision.
Indices naive(const Tensor& rows, const Tensor& projection, const Indices& points, std::size_t samples) {
  std::vector<std::vector<double>> z(static_cast<std::size_t>(rows.dim(0)));
  const auto size = static_cast<std::size_t>(rows.dim(1));
  for (std::size_t i = 0; i < z.size(); ++i) {
    const float* x = rows.floats().data() + i * size;
    if (!projection.defined()) z[i].assign(x, x + size);
    for (std::size_t j = 0; projection.defined() && j < static_cast<std::size_t>(projection.dim(0)); ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < size; ++k) sum += double{x[k]} * projection.floats()[j * size + k];
      z[i].push_back(sum);
    }
  }
  std::vector<double> nearest(z.size());
  for (std::size_t i = 0; i < z.size(); ++i)
    for (const std::int64_t p : points)
      nearest[i] += apart(z, i, static_cast<std::size_t>(p)) / static_cast<double>(points.size());
  Indices picked;
  while (picked.size() < samples) {
    const auto at =
        static_cast<std::size_t>(std::max_element(nearest.begin(), nearest.end()) - nearest.begin());
    picked.push_back(static_cast<std::int64_t>(at));
    for (std::size_t i = 0; i < z.size(); ++i) nearest[i] = std::min(nearest[i], apart(z, i, at));
  }
  return picked;
}

TEST(CoresetTest, PicksWhatTheDefinitionDoes) {
  struct Case {
    int count, size, projected, points;
    double share;
  };
  for (const Case& c : {Case{200, 40, 16, 10, 0.1}, Case{77, 9, 9, 3, 0.5}, Case{300, 5, 12, 1, 0.2},
                        Case{6, 8, 4, 10, 0.9}, Case{50, 3, 3, 10, 0.58}, Case{150, 33, 128, 10, 1.0}}) {
    const Tensor rows = random_rows(c.count, c.size);
    const CoresetOptions options{c.share, c.projected, c.points, 5};
    const Indices points = coreset_starting_points(c.points, c.count, 5);
    EXPECT_EQ(points.size(), static_cast<std::size_t>(std::min(c.points, c.count)));
    const Tensor projection = c.projected == c.size ? Tensor() : coreset_projection(c.projected, c.size, 5);
    const auto samples = static_cast<std::size_t>(c.count * c.share);
    const Indices expected = naive(rows, projection, points, samples);
    EXPECT_EQ(greedy_coreset(rows, options), expected) << c.count;
    EXPECT_EQ(greedy_coreset(rows, options, {}, {projection, points}), expected) << c.count;
  }
}

TEST(CoresetTest, CountsAsPythonDoes) {
  // 50 * 0.58 is just below 29 in double precision.
  EXPECT_EQ(greedy_coreset(random_rows(50, 3), {0.58, 3}).size(), 28U);
  EXPECT_TRUE(greedy_coreset(random_rows(5, 3), {0.1, 3}).empty());
  EXPECT_TRUE(greedy_coreset(Tensor::from<float>({0, 3}, {}), {0.1, 3}).empty());
}

TEST(CoresetTest, StartingPointsAreNotPickedForBeingSuch) {
  // The row that is farthest from the only starting point comes first.
  const Tensor rows = Tensor::from<float>({4, 1}, {0, 1, 2, 5});
  EXPECT_EQ(greedy_coreset(rows, {0.75, 1}, {}, {{}, {0}}), (Indices{3, 2, 1}));
}

TEST(CoresetTest, NoRowIsPickedTwice) {
  const Tensor rows = Tensor::from<float>({6, 1}, {1, 1, 1, 4, 4, 1});
  EXPECT_EQ(greedy_coreset(rows, {1.0, 1}, {}, {{}, {0}}), (Indices{3, 0, 1, 2, 4, 5}));
  EXPECT_EQ(greedy_coreset(Tensor::from<float>({3, 1}, {7, 7, 7}), {1.0, 1}), (Indices{0, 1, 2}));
}

TEST(CoresetTest, SeedsThreadsAndStorage) {
  const Tensor rows = random_rows(500, 30);
  const CoresetOptions options{0.2, 16, 10, 3};
  const Indices expected = greedy_coreset(rows, options);
  EXPECT_EQ(std::set<std::int64_t>(expected.begin(), expected.end()).size(), 100U);
  const int before = thread_count();
  for (const int threads : {1, 2, 7}) {
    set_thread_count(threads);
    EXPECT_EQ(greedy_coreset(rows, options), expected);
  }
  set_thread_count(before);
  EXPECT_NE(greedy_coreset(rows, {0.2, 16, 10, 4}), expected);
  std::vector<std::uint16_t> bits;
  std::vector<float> rounded;
  for (const float v : rows.floats()) {
    bits.push_back(f32_to_bf16(v));
    rounded.push_back(bf16_to_f32(bits.back()));
  }
  const Tensor half(DType::kBF16, rows.shape(), std::make_shared<int>(), bits.data());
  EXPECT_EQ(greedy_coreset(half, options),
            greedy_coreset(Tensor::from<float>(rows.shape(), rounded), options));
}

// The generator is part of what a seed means.
TEST(CoresetTest, TheGeneratorStaysTheSame) {
  EXPECT_EQ(coreset_starting_points(4, 100, 0), (Indices{28, 79, 62, 45}));
  const Tensor w = coreset_projection(2, 4, 0);
  for (const float v : w.floats()) EXPECT_LE(std::abs(v), 0.5F);
  EXPECT_FLOAT_EQ(w.floats()[0], -0.34020662F);
}

TEST(CoresetTest, SaysHowFarItIsAndStops) {
  const Tensor rows = random_rows(300, 8);
  std::vector<std::size_t> done;
  CoresetHooks hooks;
  hooks.progress = [&](std::size_t n, std::size_t all) {
    EXPECT_EQ(all, 150U);
    done.push_back(n);
  };
  greedy_coreset(rows, {0.5, 4}, hooks);
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  EXPECT_EQ(done.back(), 150U);
  std::stop_source source;
  hooks.stop = source.get_token();
  hooks.progress = [&](std::size_t n, std::size_t) {
    if (n > 20) source.request_stop();
  };
  try {
    greedy_coreset(rows, {0.5, 4}, hooks);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kCancelled);
  }
}

TEST(CoresetTest, RefusesWhatMakesNoSense) {
  const Tensor rows = random_rows(20, 4);
  EXPECT_THROW(greedy_coreset(rows, {0.0, 4}), Error);
  EXPECT_THROW(greedy_coreset(rows, {1.5, 4}), Error);
  EXPECT_THROW(greedy_coreset(rows, {NAN, 4}), Error);
  EXPECT_THROW(greedy_coreset(rows, {0.5, 0}), Error);
  EXPECT_THROW(greedy_coreset(rows, {0.5, 4, 0}), Error);
  EXPECT_THROW(greedy_coreset(rows, {0.5, 4}, {}, {{}, {20}}), Error);
  EXPECT_THROW(greedy_coreset(rows, {0.5, 4}, {}, {{}, {-1}}), Error);
  EXPECT_THROW(greedy_coreset(rows, {0.5, 2}, {}, {random_rows(3, 4), {}}), Error);
  EXPECT_THROW(greedy_coreset(Tensor::from<float>({2, 1}, {NAN, 1}), {0.5, 1}), Error);
}

}  // namespace
}  // namespace anomalyvlm
