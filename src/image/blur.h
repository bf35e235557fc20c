#pragma once
// Gaussian smoothing of float maps.
#include "anomalyvlm/image.h"

namespace anomalyvlm {

// scipy's gaussian_filter: separable, columns first, the kernel cut off at round(4 sigma) pixels and summing
// to 1, the map mirrored at its edges with the edge pixel repeated (d c b a | a b c d | d c b a), however
// narrow it is. Rounded to float32 after each pass. A sigma of 0 gives a copy. Throws Error(kBadInput) for a
// sigma that is negative, not finite or beyond 1000.
FloatMap blur_gaussian(const FloatMap& map, double sigma);

}  // namespace anomalyvlm
