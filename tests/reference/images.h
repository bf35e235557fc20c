#pragma once
// Images, maps and masks between tensors of cases and the types of the library; the parts of tensors that a
// case keeps.
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

// Every stride-th place along an axis. A stride of 0: the one that leaves `extent` places.
Tensor kept_places(const Tensor& x, int axis, std::int64_t extent, std::int64_t stride = 0);

}  // namespace anomalyvlm::golden
