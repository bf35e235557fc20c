#pragma once
// Connected parts of a mask.
#include <cstdint>
#include <vector>

#include "anomalyvlm/image.h"

namespace anomalyvlm {

struct Component {
  Mask mask;  // of the whole mask's size
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  std::int64_t area = 0;  // pixels
};

// The largest 8-connected parts of at least `least_area` pixels, at most `count`, largest first.
std::vector<Component> largest_components(const Mask& mask, int count, std::int64_t least_area = 1);

}  // namespace anomalyvlm
