#pragma once
// Images as they might have been taken instead: at another angle, elsewhere, in other light.
#include "anomalyvlm/image.h"

namespace anomalyvlm {

// Turned counterclockwise about its middle, of the same size; what comes in from beyond the border is
// mirrored. Bilinear.
Image rotated(const Image& image, double degrees);

// Moved to the right and down by whole pixels, of the same size; the border is mirrored.
Image moved(const Image& image, int right, int down);

// All values times `gain`, at most white.
Image lit(const Image& image, double gain);

}  // namespace anomalyvlm
