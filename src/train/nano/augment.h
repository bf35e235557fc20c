#pragma once
// Data augmentation on the training device: other cameras, light and surfaces than those that were rendered.
// Defects stay defects.
#include <ATen/ATen.h>

namespace anomalyvlm::train {

// images: [B, 3, H, W], 0..255; the same again, changed. Each image is changed with probability `share` in
// tone and colour, and with that of a third each by a light that falls off, a random 3 x 3 filter, and noise.
// `alike`: all of them in the same way (but for the noise), as one camera's images of one product.
at::Tensor augmented(const at::Tensor& images, double share, bool alike = false);

}  // namespace anomalyvlm::train
