#pragma once
// Confidence refinement (Eq. 4), the choice of the K best (prompt 3) and fusion (Eq. 5). The paper and its
// released code differ only in the parameters.
#include <span>
#include <vector>

#include "anomalyvlm/image.h"
#include "pipeline/measure.h"

namespace anomalyvlm {

// Mean of the map inside a mask, in double precision; 0 for an empty mask. The mask must lie within the map.
double mean_inside(const FloatMap& map, MaskView mask);

// Eq. 4: exp(gain * mean_saliency) * score. Paper: gain 1; released code: 3.
double refined_score(double score, double mean_saliency, double gain);

// Indices of the k highest scores, lowest of them first; of equal scores the higher index counts as higher.
// k = 0 or above the count: all. NaN counts as the lowest.
std::vector<int> top_k(std::span<const double> scores, int k);

enum class FusionDenominator {
  kCount,         // masks that cover the pixel (paper, Eq. 5)
  kOnePlusCount,  // one more than that (released code)
  kRetained,  // all masks given, whether they cover the pixel or not (another reading of the paper's text)
};

struct ScoredMask {
  MaskView mask;
  double score;
};

// Eq. 5: per pixel the sum of the covering masks' scores over the denominator; 0 where no mask is. Pixels
// covered by the same masks get exactly the same value.
FloatMap fuse(std::span<const ScoredMask> regions, int width, int height, FusionDenominator denominator);

}  // namespace anomalyvlm
