#pragma once
// Images at another angle.
#include "anomalyvlm/image.h"

namespace anomalyvlm {

// Turned counterclockwise about its middle, of the same size; what comes in from beyond the border is
// mirrored. Bilinear.
Image rotated(const Image& image, double degrees);

}  // namespace anomalyvlm
