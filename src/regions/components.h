#pragma once
// Connected parts of a mask.
#include <cstdint>
#include <vector>

#include "anomalyvlm/region.h"

namespace anomalyvlm {

// The largest 8-connected parts of at least `least_area` pixels, at most `count`, largest first.
std::vector<Region> largest_components(const Mask& mask, int count, std::int64_t least_area = 1);

}  // namespace anomalyvlm
