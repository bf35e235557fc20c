// Plain loops, row by row: the reference for the other implementations.
#include <cmath>
#include <functional>
#include <vector>

#include "core/threads.h"
#include "kernels/saliency/implementations.h"

namespace anomalyvlm {
namespace {

// [cells][channels], each of length 1 (or 0).
std::vector<float> unit_vectors(const SaliencyArguments& a) {
  const auto cells = static_cast<std::size_t>(a.cells()), channels = static_cast<std::size_t>(a.channels);
  std::vector<float> unit(cells * channels);
  for (std::size_t i = 0; i < cells; ++i) {
    double norm2 = 0;
    for (std::size_t c = 0; c < channels; ++c)
      norm2 += static_cast<double>(a.features[c * cells + i]) * a.features[c * cells + i];
    const double scale = 1 / std::max(std::sqrt(norm2), 1e-12);
    for (std::size_t c = 0; c < channels; ++c)
      unit[i * channels + c] = static_cast<float>(a.features[c * cells + i] * scale);
  }
  return unit;
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
  for (auto v = kept.begin(); v != middle; ++v) sum += 1.0 - *v;
  return std::max(static_cast<float>(sum / static_cast<double>(count)), 0.0F);
}

}  // namespace

void run_saliency_portable(const SaliencyArguments& a) {
  const std::vector<float> unit = unit_vectors(a);
  const auto channels = static_cast<std::size_t>(a.channels);
  parallel_for(a.asked(), 8, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> similarity(static_cast<std::size_t>(a.compared()));
    for (auto q = static_cast<int>(begin); q < static_cast<int>(end); ++q) {
      const float* own = unit.data() + static_cast<std::size_t>(a.location(q)) * channels;
      for (int i = 0; i < a.compared(); ++i) {
        const float* other = unit.data() + static_cast<std::size_t>(a.reference(i)) * channels;
        double dot = 0;
        for (std::size_t c = 0; c < channels; ++c) dot += static_cast<double>(own[c]) * other[c];
        similarity[static_cast<std::size_t>(i)] = static_cast<float>(dot);
      }
      for (std::size_t k = 0; k < a.queries.size(); ++k)
        a.out[k * static_cast<std::size_t>(a.asked()) + static_cast<std::size_t>(q)] =
            mean_distance(a, a.queries[k], a.location(q), similarity);
    }
  });
}

}  // namespace anomalyvlm
