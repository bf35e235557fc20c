#pragma once
// Detections and images as a library's caller may have made or changed them: do their parts fit each other?
#include "anomalyvlm/detection.h"
#include "anomalyvlm/image.h"

namespace anomalyvlm {

// Throws Error(kBadInput) saying what does not fit.
void require_consistent(const Detection& detection);
// The same for an image that should be what was detected in.
void require_image_of(const Detection& detection, const Image& image);

}  // namespace anomalyvlm
