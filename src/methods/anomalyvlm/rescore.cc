#include "methods/anomalyvlm/rescore.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "regions/geometry.h"

namespace anomalyvlm {

double refined_score(double score, double mean_saliency, double gain) {
  return std::exp(gain * mean_saliency) * score;
}

FloatMap fuse(std::span<const ScoredRegion> regions, int width, int height, FusionDenominator denominator) {
  const auto pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  // Double sums in the order of the regions: what is equal in exact arithmetic differs by far less than
  // float's rounding, so the map has no ranks that are only noise.
  std::vector<double> sums(pixels);
  std::vector<std::uint32_t> counts(pixels);
  for (const ScoredRegion& scored : regions) {
    AVLM_CHECK(lies_within(scored.region->rect(), width, height));
    scored.region->for_each_run([&](int y, int begin, int end) {
      const std::size_t row = static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
      for (std::size_t i = row + static_cast<std::size_t>(begin); i < row + static_cast<std::size_t>(end);
           ++i) {
        sums[i] += scored.score;
        ++counts[i];
      }
    });
  }
  FloatMap map{width, height, std::vector<float>(pixels)};
  for (std::size_t i = 0; i < pixels; ++i) {
    if (counts[i] == 0) continue;
    const double divisor = denominator == FusionDenominator::kOnePlusCount ? counts[i] + 1.0 : counts[i];
    map.values[i] = static_cast<float>(sums[i] / divisor);
  }
  return map;
}

}  // namespace anomalyvlm
