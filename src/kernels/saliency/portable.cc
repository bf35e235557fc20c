// Plain loops, row by row: the reference for the other implementations.
#include <cmath>
#include <functional>
#include <vector>

#include "core/threads.h"
#include "kernels/saliency/implementations.h"

namespace anomalyvlm {
namespace {

// [cells][channels]; for the cosine each of length 1 (or 0).
std::vector<float> vectors_of(const SaliencyArguments& a) {
  const auto cells = static_cast<std::size_t>(a.cells()), channels = static_cast<std::size_t>(a.channels);
  std::vector<float> vectors(cells * channels);
  for (std::size_t i = 0; i < cells; ++i) {
    double norm2 = 0;
    for (std::size_t c = 0; c < channels; ++c)
      norm2 += static_cast<double>(a.features[c * cells + i]) * a.features[c * cells + i];
    const double scale = a.metric == FeatureMetric::kCosine ? 1 / std::max(std::sqrt(norm2), 1e-12) : 1.0;
    for (std::size_t c = 0; c < channels; ++c)
      vectors[i * channels + c] = static_cast<float>(a.features[c * cells + i] * scale);
  }
  return vectors;
}

float similarity_of(const float* x, const float* y, std::size_t channels, FeatureMetric metric) {
  double sum = 0;
  for (std::size_t c = 0; c < channels; ++c) {
    const double a = x[c], b = y[c];
    sum += metric == FeatureMetric::kCosine ? a * b : (a - b) * (a - b);
  }
  return static_cast<float>(metric == FeatureMetric::kCosine ? sum : -std::sqrt(sum));
}

float mean_distance(const SaliencyArguments& a, const NeighbourQuery& query, int location,
                    const std::vector<float>& similarity) {
  std::vector<char> left_out(similarity.size(), 0);
  for_left_out(a, location, query.radius, [&](int i) { left_out[static_cast<std::size_t>(i)] = 1; });
  std::vector<float> kept;
  for (std::size_t i = 0; i < similarity.size(); ++i) {
    if (!left_out[i]) kept.push_back(similarity[i]);
  }
  const std::size_t count = std::min(kept.size(), static_cast<std::size_t>(query.count));
  if (count == 0) return 0;
  const auto middle = kept.begin() + static_cast<std::ptrdiff_t>(count);
  if (query.farthest)
    std::nth_element(kept.begin(), middle - 1, kept.end());
  else
    std::nth_element(kept.begin(), middle - 1, kept.end(), std::greater<>());
  double sum = 0;
  for (auto v = kept.begin(); v != middle; ++v) sum += static_cast<double>(a.own_similarity()) - *v;
  return std::max(static_cast<float>(sum / static_cast<double>(count)), 0.0F);
}

}  // namespace

void run_saliency_portable(const SaliencyArguments& a) {
  const std::vector<float> vectors = vectors_of(a);
  const auto channels = static_cast<std::size_t>(a.channels);
  parallel_for(a.asked(), 8, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> similarity(static_cast<std::size_t>(a.compared()));
    for (auto q = static_cast<int>(begin); q < static_cast<int>(end); ++q) {
      const float* own = vectors.data() + static_cast<std::size_t>(a.location(q)) * channels;
      for (int i = 0; i < a.compared(); ++i) {
        const float* other = vectors.data() + static_cast<std::size_t>(a.reference(i)) * channels;
        similarity[static_cast<std::size_t>(i)] = similarity_of(own, other, channels, a.metric);
      }
      for (std::size_t k = 0; k < a.queries.size(); ++k)
        a.out[k * static_cast<std::size_t>(a.asked()) + static_cast<std::size_t>(q)] =
            mean_distance(a, a.queries[k], a.location(q), similarity);
    }
  });
}

}  // namespace anomalyvlm
