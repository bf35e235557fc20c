#pragma once
// An image as Grounding DINO takes it: scaled so that its short side has a given length, and normalised.
#include <array>

#include "anomalyvlm/image.h"
#include "models/grounding_dino/levels.h"

namespace anomalyvlm::grounding_dino {

struct ImageInputConfig {
  std::int64_t short_side = 800;  // pixels
  std::int64_t long_side = 1333;  // pixels that the long side should not exceed; then the short one is less
  std::array<float, 3> pixel_mean = {123.675F, 116.28F, 103.53F};  // grey levels, R first
  std::array<float, 3> pixel_std = {58.395F, 57.12F, 57.375F};
};

// The size that an image is scaled to, with the authors' rounding: the short side is rounded to the nearest
// (half to even), then the long one follows from it and is cut off, so it may exceed long_side by a little.
// Where the authors' short side would be 0, it is 1 and the long one is long_side.
Extent input_size(const ImageInputConfig& config, Extent image);

// -> [1, 3, h, w] of input_size(), with Pillow's bilinear; an image of that size is not resampled.
Tensor image_input(const ImageInputConfig& config, const Image& image);

}  // namespace anomalyvlm::grounding_dino
