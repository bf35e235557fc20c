#pragma once
// An image as AnomalyDINO (Damm et al., WACV 2025) gives it to DINOv2.
#include "anomalyvlm/image.h"
#include "core/extent.h"
#include "core/tensor.h"

namespace anomalyvlm::dinov2 {

// The size that an image is scaled to: the smaller side becomes `side` pixels, the other one in proportion,
// its fraction cut off.
Extent scaled_size(Extent image, std::int64_t side);

// Scaled by Pillow's BICUBIC, then cut at the right and at the bottom to whole patches. Throws
// Error(kBadInput) where `side` is less than a patch.
Image prepared_image(const Image& image, std::int64_t side, std::int64_t patch);

// (value - mean) / std of ImageNet: [1, 3, H, W].
Tensor normalised(const Image& image);

}  // namespace anomalyvlm::dinov2
