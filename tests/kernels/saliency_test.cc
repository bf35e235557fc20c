#include "kernels/saliency/saliency.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "anomalyvlm/error.h"
#include "kernels/forced.h"
#include "kernels/registry.h"
#include "kernels/saliency_cases.h"

namespace anomalyvlm {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Everything a sorted list in double precision, over the locations of a mask (empty: all).
class Reference {
 public:
  Reference(const std::vector<float>& features, int channels, int height, int width,
            FeatureMetric metric = FeatureMetric::kCosine)
      : height_(height), width_(width), metric_(metric), vectors_(static_cast<std::size_t>(height * width)) {
    for (std::size_t i = 0; i < vectors_.size(); ++i) {
      for (int c = 0; c < channels; ++c)
        vectors_[i].push_back(features[static_cast<std::size_t>(c) * vectors_.size() + i]);
      if (metric == FeatureMetric::kEuclidean) continue;
      double norm2 = 0;
      for (const double v : vectors_[i]) norm2 += v * v;
      for (double& v : vectors_[i]) v /= std::max(std::sqrt(norm2), 1e-12);
    }
  }

  double similarity(int a, int b) const {
    double sum = 0;
    for (std::size_t c = 0; c < vectors_[0].size(); ++c) sum += vectors_[a][c] * vectors_[b][c];
    return sum;
  }

  double apart(int a, int b) const {
    if (metric_ == FeatureMetric::kCosine) return 1 - similarity(a, b);
    double sum = 0;
    for (std::size_t c = 0; c < vectors_[0].size(); ++c)
      sum += (vectors_[a][c] - vectors_[b][c]) * (vectors_[a][c] - vectors_[b][c]);
    return std::sqrt(sum);
  }

  double distance(const NeighbourQuery& query, int q, const Bytes& mask = {}) const {
    if (!mask.empty() && mask[q] == 0) return 0;
    std::vector<double> distances;
    for (int i = 0; i < height_ * width_; ++i) {
      const int away = std::max(std::abs(i / width_ - q / width_), std::abs(i % width_ - q % width_));
      if (away > query.radius && (mask.empty() || mask[i] != 0)) distances.push_back(apart(q, i));
    }
    std::sort(distances.begin(), distances.end());
    if (query.farthest) std::reverse(distances.begin(), distances.end());
    const std::size_t n = std::min(distances.size(), static_cast<std::size_t>(query.count));
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += distances[i];
    return n == 0 ? 0 : sum / static_cast<double>(n);
  }

 private:
  int height_, width_;
  FeatureMetric metric_;
  std::vector<std::vector<double>> vectors_;
};

std::vector<float> run(const SaliencyCase& c, const std::vector<float>& features) {
  std::vector<float> out(c.queries.size() * static_cast<std::size_t>(c.height * c.width), -7);
  neighbour_distance(features.data(), c.channels, c.height, c.width, c.queries, out.data(), c.metric);
  return out;
}

void expect_right(const SaliencyCase& c, const std::vector<float>& features, const std::vector<float>& out) {
  const Reference reference(features, c.channels, c.height, c.width, c.metric);
  const int cells = c.height * c.width, step = c.timed ? 61 : 1;
  double tolerance = 1e-6;  // of Euclidean distances, a share of the largest
  if (c.metric == FeatureMetric::kEuclidean) tolerance = 2e-6 * *std::max_element(out.begin(), out.end());
  for (std::size_t k = 0; k < c.queries.size(); ++k) {
    for (int q = 0; q < cells; q += step)
      ASSERT_NEAR(out[k * cells + q], reference.distance(c.queries[k], q), tolerance)
          << c.name << ", query " << k << ", location " << q;
  }
}

void check_saliency_cases() {
  for (const SaliencyCase& c : saliency_cases()) {
    if (c.slow) continue;
    const std::vector<float> features = network_like_features(c.channels, c.height, c.width);
    expect_right(c, features, run(c, features));
  }
}

TEST(SaliencyTest, PortableAgreesWithDoublePrecision) {
  const Forced portable("portable");
  check_saliency_cases();
}

TEST(SaliencyTest, EveryInstructionSetAgreesWithDoublePrecision) {
  const Forced simd("saliency=simd");
  with_every_instruction_set([](auto target) {
    EXPECT_EQ(simd_target(), hwy::TargetName(target));
    check_saliency_cases();
  });
}

// Values that make thresholds hard: all equal, zeros, two kinds, opposite signs, extremes of scale.
TEST(SaliencyTest, TiesZerosAndScales) {
  const int channels = 6, height = 11, width = 13, cells = height * width;
  const std::vector<NeighbourQuery> queries = {{1, 0}, {20, 0},        {143, 0},
                                               {9, 1}, {20, -1, true}, {1, 0, true}};
  const std::vector<SaliencyCase> shapes = {
      {"ties", channels, height, width, queries},
      {"ties, Euclidean", channels, height, width, queries, false, false, FeatureMetric::kEuclidean}};
  const auto filled = [&](auto&& value) {
    std::vector<float> features;
    for (int c = 0; c < channels; ++c)
      for (int i = 0; i < cells; ++i) features.push_back(value(c, i));
    return features;
  };
  const std::vector<std::vector<float>> inputs = {
      filled([](int, int) { return 1.0F; }),
      filled([](int, int) { return 0.0F; }),
      filled([](int c, int i) { return i % 2 == c % 2 ? 1.0F : 0.0F; }),
      filled([](int c, int i) { return static_cast<float>((i % 3 - 1) * (c + 1)); }),
      filled([](int c, int i) { return i == 70 ? 0.0F : static_cast<float>((i * 7 + c * c * 3) % 5); }),
      filled([](int c, int i) { return 1e15F * static_cast<float>((i * 7 + c * 3) % 11 - 5); }),
      filled([](int c, int i) { return 1e-9F * static_cast<float>((i * 7 + c * 3) % 11 - 5); }),
      filled([](int c, int i) { return 1e-20F * static_cast<float>((i * 7 + c * 3) % 11 - 5); }),
      filled([](int c, int i) { return 1.0F + 1e-5F * static_cast<float>((i * 7 + c * 3) % 11); }),
  };
  for (const char* name : {"simd", "portable"}) {
    const Forced forced(name);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      SCOPED_TRACE(std::string(name) + ", input " + std::to_string(i));
      for (const SaliencyCase& shape : shapes) expect_right(shape, inputs[i], run(shape, inputs[i]));
    }
  }
}

TEST(SaliencyTest, TheNumberOfThreadsChangesNothing) {
  const SaliencyCase c{"", 19, 37, 23, {{8, 0}, {64, 0}, {64, 2}, {30, -1, true}}};
  const std::vector<float> features = network_like_features(c.channels, c.height, c.width, 5);
  for (const char* name : {"simd", "portable"}) {
    const Forced forced(name);
    std::vector<std::vector<float>> results;
    for (const int n : {1, 2, 3, 8}) {
      const Threads threads(n);
      results.push_back(run(c, features));
    }
    for (const auto& result : results) EXPECT_EQ(result, results[0]) << name;
  }
}

TEST(SaliencyTest, WithinAMask) {
  const SaliencyCase c{"", 9, 12, 17, {{5, 0}, {300, 1}, {6, -1, true}}};
  const int cells = c.height * c.width;
  const std::vector<float> features = network_like_features(c.channels, c.height, c.width, 3);
  const Reference reference(features, c.channels, c.height, c.width);
  Bytes some(cells), none(cells), one(cells);
  for (int i = 0; i < cells; ++i) some[i] = i % 17 > 4 && i % 17 < 12 && i % 5 != 0 ? 255 : 0;
  one[40] = 1;
  for (const char* name : {"simd", "portable"}) {
    const Forced forced(name);
    for (const Bytes& mask : {some, none, one}) {
      std::vector<float> out(c.queries.size() * cells, -7);
      neighbour_distance_within(features.data(), c.channels, c.height, c.width, mask, c.queries, out.data());
      for (std::size_t k = 0; k < c.queries.size(); ++k) {
        for (int q = 0; q < cells; ++q)
          ASSERT_NEAR(out[k * cells + q], reference.distance(c.queries[k], q, mask), 1e-6)
              << name << ' ' << q;
      }
    }
  }
}

// The released code's loop over objects, written out.
std::vector<double> distances_to_others(const Reference& reference, const std::vector<Bytes>& masks,
                                        int cells) {
  std::vector<double> out(cells);
  for (const Bytes& own : masks) {
    for (int q = 0; q < cells; ++q) {
      double best = -2;
      for (const Bytes& other : masks) {
        for (int i = 0; i < cells && &other != &own; ++i)
          if (other[i] != 0) best = std::max(best, own[i] != 0 ? 0 : reference.similarity(q, i));
      }
      if (own[q] != 0 && best > -2) out[q] = std::max(out[q], 1 - best);
    }
  }
  return out;
}

TEST(SaliencyTest, DistanceToOtherObjects) {
  const int channels = 7, height = 14, width = 10, cells = height * width;
  std::vector<float> features = network_like_features(channels, height, width, 9);
  for (float& v : features) v -= 0.4F;  // similarities of both signs
  const Reference reference(features, channels, height, width);
  const auto box = [&](int left, int top, int right, int bottom) {
    Bytes mask(cells);
    for (int y = top; y < bottom; ++y)
      std::fill_n(mask.begin() + y * width + left, right - left, std::uint8_t{1});
    return mask;
  };
  const std::vector<std::vector<Bytes>> cases = {
      {},
      {box(1, 1, 5, 5)},
      {box(0, 0, 4, 4), box(5, 5, 10, 14)},
      {box(0, 0, 6, 7), box(5, 5, 10, 14), box(2, 3, 7, 9)},
      {box(2, 2, 8, 8), box(2, 2, 8, 8)},
      {box(2, 2, 8, 8), box(0, 0, 0, 0), box(9, 9, 10, 10)},
  };
  for (const char* name : {"simd", "portable"}) {
    const Forced forced(name);
    for (const auto& masks : cases) {
      Bytes all;
      for (const Bytes& mask : masks) all.insert(all.end(), mask.begin(), mask.end());
      std::vector<float> out(cells, -7);
      other_object_distance(features.data(), channels, height, width, all, out.data());
      const std::vector<double> expected = distances_to_others(reference, masks, cells);
      for (int i = 0; i < cells; ++i)
        ASSERT_NEAR(out[i], expected[i], 1e-6) << name << ' ' << masks.size() << ' ' << i;
    }
  }
}

TEST(SaliencyTest, RefusesWhatMakesNoSense) {
  const std::vector<float> features(12, 1.0F);
  std::vector<float> out(12);
  const auto ask = [&](int channels, int height, int width, NeighbourQuery query) {
    neighbour_distance(features.data(), channels, height, width, {&query, 1}, out.data());
  };
  EXPECT_NO_THROW(ask(1, 3, 4, {1, 0}));
  EXPECT_THROW(ask(1, 3, 4, {0, 0}), Error);
  EXPECT_THROW(ask(1, 3, 4, {-3, 0}), Error);
  EXPECT_THROW(ask(1, 3, 4, {1, -2}), Error);
  EXPECT_THROW(ask(0, 3, 4, {1, 0}), Error);
  EXPECT_THROW(ask(1, 0, 4, {1, 0}), Error);
  EXPECT_THROW(ask(1, 3, 0, {1, 0}), Error);
  EXPECT_THROW(ask(1, 1 << 20, 1 << 20, {1, 0}), Error);
}

TEST(RegistryTest, ListsAndForces) {
  ASSERT_EQ(list_kernels().size(), 3U);
  EXPECT_EQ(list_kernels()[0].name, "deformable_attention");
  EXPECT_EQ(list_kernels()[1].name, "nearest");
  EXPECT_EQ(list_kernels()[2].name, "saliency");
  for (const KernelInfo& kernel : list_kernels()) {
    const auto& names = kernel.implementations;
    ASSERT_GE(names.size(), 2U);
    EXPECT_EQ(names[names.size() - 2], "simd");
    EXPECT_EQ(names.back(), "portable");
    EXPECT_NE(kernel.chosen, "portable");
  }
  EXPECT_FALSE(simd_target().empty());
  for (const char* setting :
       {"portable", "saliency=portable", "other=simd,saliency=portable", "simd,saliency=portable"}) {
    const Forced forced(setting);
    EXPECT_EQ(list_kernels()[2].chosen, "portable") << setting;
  }
  const Forced another("other=portable");
  EXPECT_EQ(list_kernels()[2].chosen, "simd");
}

TEST(RegistryTest, AnUnknownImplementationIsAnError) {
  const Forced forced("saliency=abacus");
  const float feature = 1;
  float out = 0;
  const NeighbourQuery query;
  EXPECT_THROW(neighbour_distance(&feature, 1, 1, 1, {&query, 1}, &out), Error);
}

}  // namespace
}  // namespace anomalyvlm
