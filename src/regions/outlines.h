#pragma once
// Where the border of a region runs, for drawing it.
#include <vector>

#include "anomalyvlm/region.h"

namespace anomalyvlm {

struct PixelPoint {
  int x = 0, y = 0;
};

// Closed lines around what is inside, and around its holes, in pixels of the image enlarged by whole factors;
// simplified by 0.7 pixels, since strokes of one pixel each would look frayed.
std::vector<std::vector<PixelPoint>> outlines(const Region& region, int across = 1, int down = 1);

}  // namespace anomalyvlm
