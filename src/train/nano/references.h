#pragma once
// The reference channels (models/nano/network.h) of a batch, as training needs them.
#include <ATen/ATen.h>

#include "nn/engines/torch_backend.h"
#include "nn/scope.h"
#include "train/nano/batches.h"

namespace anomalyvlm::train {

// descriptors: [B, C, H, W] of images and [R, C, H, W] of one pool -> [B, kReferenceChannels, H, W].
at::Tensor reference_channels(const at::Tensor& descriptors, const at::Tensor& pool);

// The same, each image with the pool that the batch assigns to it.
at::Tensor reference_channels(const at::Tensor& descriptors, const at::Tensor& references,
                              const Batch& batch);

// The same from the features of the batch's images, with those of the references under the same weights. The
// batch, which must have references, is on the backend's device.
nn::Value compare_with_references(const nn::Scope& root, nn::TorchBackend& backend,
                                  const std::vector<nn::Value>& features, const Batch& batch);

}  // namespace anomalyvlm::train
