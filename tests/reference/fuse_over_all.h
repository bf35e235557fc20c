#pragma once
// Eq. 5 in another reading of the paper's text, which the authors' vectors hold beside the two that profiles
// use (methods/anomalyvlm/rescore.h).
#include <span>

#include "regions/combine.h"

namespace anomalyvlm::reference {

// Per pixel the sum of the scores of the regions that it is inside of, over the number of all regions,
// whether they cover the pixel or not. 0 without regions.
FloatMap fuse_over_all(std::span<const ScoredRegion> regions, int width, int height);

}  // namespace anomalyvlm::reference
