#pragma once
// Rectangles of pixels, and images they belong to.
#include "anomalyvlm/region.h"

namespace anomalyvlm {

bool lies_within(const PixelRect& rect, int width, int height);  // an empty one always does

}  // namespace anomalyvlm
