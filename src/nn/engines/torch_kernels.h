#pragma once
// Our kernels on torch's tensors: those of src/kernels, but for neighbour_distance on CUDA, which is made of
// torch's own operations. No gradients flow through them. Shapes and meaning: nn/ops.h.
#include <ATen/ATen.h>

#include <vector>

#include "nn/ops.h"

namespace anomalyvlm::nn {

at::Tensor torch_neighbour_distance(const at::Tensor& x, const std::vector<Neighbourhood>& neighbourhoods);
at::Tensor torch_deformable_attention(const at::Tensor& value, const std::vector<Extent>& maps,
                                      const at::Tensor& reference, const at::Tensor& offsets,
                                      const at::Tensor& weights);

}  // namespace anomalyvlm::nn
