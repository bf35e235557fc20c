#pragma once
// Pictures, maps and masks between tensors of cases and the types of the library.
#include <vector>

#include "anomalyvlm/image.h"
#include "core/tensor.h"

namespace anomalyvlm::golden {

// From [H, W, 3] bytes, the channels in their order. Throws Error(kBadInput) for anything else.
Image to_image(const Tensor& tensor);
// From [n, H, W] bytes.
std::vector<Mask> to_masks(const Tensor& tensor);

Tensor to_tensor(const Image& image);                                     // [H, W, 3] bytes
Tensor to_tensor(const FloatMap& map);                                    // [H, W]
Tensor to_tensor(const std::vector<Mask>& masks, int width, int height);  // [n, H, W] bytes

// Every step-th element along the two last axes of float32 [..., H, W].
Tensor thinned(const Tensor& tensor, int step);
Image thinned(const Image& image, int step);  // every step-th row and column

}  // namespace anomalyvlm::golden
