#pragma once
// Images as CLIP takes them.
#include "anomalyvlm/image.h"
#include "core/tensor.h"

namespace anomalyvlm::clip {

// The shorter side becomes `side` pixels by Pillow's BICUBIC, and the square in the middle is cut out.
Image centred_input(const Image& image, int side);
// side x side pixels by Pillow's BICUBIC, whatever the shape was.
Image squashed_input(const Image& image, int side);

// (value - mean) / std of CLIP's training images: [1, 3, H, W].
Tensor normalised(const Image& image);

}  // namespace anomalyvlm::clip
