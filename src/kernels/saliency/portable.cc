// Plain loops, row by row: the reference for the other implementations.
#include <algorithm>
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

float answer(const SaliencyArguments& a, const NeighbourQuery& query, int cell,
             std::vector<float> similarity) {
  std::vector<char> out(similarity.size(), 0);
  for_left_out(a, cell, query.radius, [&](int other) { out[static_cast<std::size_t>(other)] = 1; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < similarity.size(); ++i) {
    if (!out[i]) similarity[kept++] = similarity[i];
  }
  const std::size_t count = std::min(kept, static_cast<std::size_t>(query.count));
  if (count == 0) return 0;
  const auto begin = similarity.begin(), end = begin + static_cast<std::ptrdiff_t>(kept);
  const auto middle = begin + static_cast<std::ptrdiff_t>(count);
  if (query.farthest)
    std::nth_element(begin, middle - 1, end);
  else
    std::nth_element(begin, middle - 1, end, std::greater<>());
  double sum = 0;
  for (auto v = begin; v != middle; ++v) sum += 1.0 - *v;
  return static_cast<float>(sum / static_cast<double>(count));
}

}  // namespace

void neighbour_distance_portable(const SaliencyArguments& a) {
  const std::vector<float> unit = unit_vectors(a);
  const auto cells = static_cast<std::size_t>(a.cells()), channels = static_cast<std::size_t>(a.channels);
  parallel_for(a.cells(), 8, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> similarity(cells);
    for (auto q = static_cast<std::size_t>(begin); q < static_cast<std::size_t>(end); ++q) {
      for (std::size_t i = 0; i < cells; ++i) {
        float dot = 0;
        for (std::size_t c = 0; c < channels; ++c) dot += unit[q * channels + c] * unit[i * channels + c];
        similarity[i] = dot;
      }
      for (std::size_t k = 0; k < a.queries.size(); ++k)
        a.out[k * cells + q] = answer(a, a.queries[k], static_cast<int>(q), similarity);
    }
  });
}

}  // namespace anomalyvlm
