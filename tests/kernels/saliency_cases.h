#pragma once
// The one list of shapes that the tests and the benchmark of the saliency kernel walk.
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "kernels/saliency/saliency.h"

namespace anomalyvlm {

struct SaliencyCase {
  std::string name;
  int channels, height, width;
  std::vector<NeighbourQuery> queries;
  bool timed = false;  // the benchmark walks these; the test checks a few of their locations
  bool slow = false;   // more than a tenth of a second: only the benchmark
  FeatureMetric metric = FeatureMetric::kCosine;
};

inline std::vector<SaliencyCase> saliency_cases() {
  constexpr FeatureMetric kEuclidean = FeatureMetric::kEuclidean;
  const std::vector<NeighbourQuery> both = {{1, 0, false}, {5, 0, false}, {5, 2, false},   {4000, 1, false},
                                            {1, 0, true},  {7, -1, true}, {4000, -1, true}};
  const std::vector<NeighbourQuery> embedded = {{8, 0}, {64, 0}, {64, 2}};
  return {
      {"one location", 3, 1, 1, both},
      {"two locations", 1, 1, 2, both},
      {"a row, one channel", 1, 1, 37, both},
      {"a column", 5, 41, 1, both},
      {"7x5, one channel", 1, 7, 5, both},
      {"7x5, three channels", 3, 7, 5, both},
      {"7x5, seventeen channels", 17, 7, 5, both},
      {"3x64", 4, 3, 64, both},
      {"16x12, depth in two unequal blocks", 131, 16, 12, both},
      {"13x29, depth in three blocks", 385, 13, 29, both},
      {"33x31", 24, 33, 31, {{50, 0}, {400, 0}, {400, -1, true}, {64, 3}}},
      {"two locations, Euclidean", 2, 1, 2, both, false, false, kEuclidean},
      {"7x5, Euclidean", 3, 7, 5, both, false, false, kEuclidean},
      {"13x29, three blocks, Euclidean",
       385,
       13,
       29,
       {{400, -1}, {7, 1}, {9, 0, true}},
       false,
       false,
       kEuclidean},
      {"embedded, stride 16", 112, 16, 16, embedded, true},
      {"embedded, stride 8", 40, 32, 32, embedded, true},
      {"embedded, stride 4 pooled", 24, 32, 32, embedded, true},
      {"1024 x 112, one query", 112, 32, 32, {{64, 0}}, true},
      {"1024 x 112, three queries", 112, 32, 32, embedded, true},
      {"1600 x 512, UTAD", 512, 40, 40, {{400, -1}}, true, true, kEuclidean},
      {"4096 x 1024, paper", 1024, 64, 64, {NeighbourQuery::paper()}, true, true},
      {"4096 x 1792, released code", 1792, 64, 64, {NeighbourQuery::saa_plus()}, true, true},
  };
}

// As a network's features are: not negative, with zeros, similar for neighbours.
inline std::vector<float> network_like_features(int channels, int height, int width, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> features(static_cast<std::size_t>(channels) * height * width);
  std::size_t at = 0;
  for (int c = 0; c < channels; ++c) {
    const float phase = normal(random) * 3, fx = normal(random) / 6, fy = normal(random) / 6;
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const float wave = std::sin(phase + fx * static_cast<float>(x) + fy * static_cast<float>(y));
        features[at++] = std::max(0.0F, wave + 0.5F * normal(random));
      }
    }
  }
  return features;
}

}  // namespace anomalyvlm
