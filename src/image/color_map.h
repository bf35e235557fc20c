#pragma once
// The colours that maps are shown in, wherever they are: dark blue over cyan, green and yellow to dark red.
#include <array>

#include "anomalyvlm/image.h"

namespace anomalyvlm {

// RGB, 0..255, of a share 0..1 of the scale.
std::array<float, 3> heat_color(float share);

// Each value in its colour: `low` and less dark blue, `high` and more dark red, NaN as `low`. high > low.
Image color_map(const FloatMap& map, float low, float high);

}  // namespace anomalyvlm
