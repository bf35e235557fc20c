#pragma once
// PRO as the released code computes it, for comparison with what it printed. Not what is reported here, for:
// - 200 thresholds at equal distances from the highest score to just above the lowest, and a pixel counts
// when
//   its score is above one: maps of few distinct scores lose what lies below the last;
// - the holes of a region are filled before its overlap is counted, but not in its size: above 1 is possible;
// - only thresholds with a false positive rate up to the limit count; their rates are then stretched to 0..1,
//   whatever they reach, without a point at (0, 0) or at the limit.
#include <span>
#include <vector>

#include "anomalyvlm/image.h"

namespace anomalyvlm::reference {

// `scores`: maps of all images, one after the other, each of its mask's size. NaN when the rates that count
// are fewer than two or all equal, and without marked or without normal pixels. Throws Error(kBadInput) when
// the sizes do not match.
double released_pro(std::span<const double> scores, const std::vector<Mask>& masks, double limit = 0.3,
                    int steps = 200);

}  // namespace anomalyvlm::reference
