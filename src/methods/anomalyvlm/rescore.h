#pragma once
// Confidence refinement (Eq. 4) and fusion (Eq. 5). The paper and its released code differ only in the
// parameters.
#include <span>
#include <vector>

#include "regions/combine.h"

namespace anomalyvlm {

// Eq. 4: exp(gain * mean_saliency) * score. Paper: gain 1; released code: 3.
double refined_score(double score, double mean_saliency, double gain);

enum class FusionDenominator {
  kCount,         // masks that cover the pixel (paper, Eq. 5)
  kOnePlusCount,  // one more than that (released code)
};

// Eq. 5: per pixel the sum of the scores of the regions that it is inside of over the denominator; 0 where no
// mask is. Pixels covered by the same masks get exactly the same value.
FloatMap fuse(std::span<const ScoredRegion> regions, int width, int height, FusionDenominator denominator);

}  // namespace anomalyvlm
