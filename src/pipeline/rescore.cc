#include "pipeline/rescore.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/check.h"

namespace anomalyvlm {

double mean_inside(const FloatMap& map, MaskView mask) {
  AVLM_CHECK(mask.empty() || (mask.x0 >= 0 && mask.y0 >= 0 && mask.x0 + mask.width <= map.width &&
                              mask.y0 + mask.height <= map.height));
  double sum = 0;
  std::int64_t count = 0;
  for (int y = 0; y < mask.height; ++y) {
    const std::uint8_t* inside = mask.row(y);
    for (int x = 0; x < mask.width; ++x) {
      if (inside[x] == 0) continue;
      sum += map.at(mask.x0 + x, mask.y0 + y);
      ++count;
    }
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

double refined_score(double score, double mean_saliency, double gain) {
  return std::exp(gain * mean_saliency) * score;
}

std::vector<int> top_k(std::span<const double> scores, int k) {
  std::vector<int> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  const auto value = [&](int i) {
    const double score = scores[static_cast<std::size_t>(i)];
    return std::isnan(score) ? -HUGE_VAL : score;
  };
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return value(a) < value(b); });
  const auto count = static_cast<int>(order.size());
  if (k > 0 && k < count) order.erase(order.begin(), order.end() - k);
  return order;
}

FloatMap fuse(std::span<const ScoredMask> regions, int width, int height, FusionDenominator denominator) {
  const auto pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  // Double sums in the order of the regions: what is equal in exact arithmetic differs by far less than
  // float's rounding, so the map has no ranks that are only noise.
  std::vector<double> sums(pixels);
  std::vector<std::uint32_t> counts(pixels);
  for (const auto& [mask, score] : regions) {
    AVLM_CHECK(mask.empty() || (mask.x0 >= 0 && mask.y0 >= 0 && mask.x0 + mask.width <= width &&
                                mask.y0 + mask.height <= height));
    for (int y = 0; y < mask.height; ++y) {
      const std::uint8_t* inside = mask.row(y);
      const std::size_t start = static_cast<std::size_t>(mask.y0 + y) * static_cast<std::size_t>(width) +
                                static_cast<std::size_t>(mask.x0);
      for (int x = 0; x < mask.width; ++x) {
        if (inside[x] == 0) continue;
        sums[start + static_cast<std::size_t>(x)] += score;
        ++counts[start + static_cast<std::size_t>(x)];
      }
    }
  }
  FloatMap map{width, height, std::vector<float>(pixels)};
  for (std::size_t i = 0; i < pixels; ++i) {
    if (counts[i] == 0) continue;
    const double divisor = denominator == FusionDenominator::kCount ? counts[i]
                           : denominator == FusionDenominator::kOnePlusCount
                               ? counts[i] + 1.0
                               : static_cast<double>(regions.size());
    map.values[i] = static_cast<float>(sums[i] / divisor);
  }
  return map;
}

}  // namespace anomalyvlm
