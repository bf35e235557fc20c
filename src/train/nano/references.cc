#include "train/nano/references.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "models/nano/network.h"

namespace anomalyvlm::train {
namespace {

// [H W, H W]: whether two places of the grid lie nearby.
at::Tensor nearby_places(std::int64_t height, std::int64_t width, const at::Device& device) {
  const auto within = [&](std::int64_t extent) {
    const at::Tensor at = at::arange(extent, at::TensorOptions(at::kFloat).device(device));
    return ((at.unsqueeze(1) - at.unsqueeze(0)).abs() / static_cast<double>(extent))
        .le(nano::kReferenceNearby);
  };
  const at::Tensor rows = within(height).view({height, 1, height, 1}),
                   columns = within(width).view({1, width, 1, width});
  return rows.logical_and(columns).reshape({height * width, height * width});
}

}  // namespace

at::Tensor reference_channels(const at::Tensor& descriptors, const at::Tensor& pool) {
  const at::NoGradGuard no_gradients;
  const std::int64_t height = descriptors.size(2), width = descriptors.size(3), places = height * width;
  const at::Tensor near = nearby_places(height, width, descriptors.device());
  const at::Tensor others = pool.flatten(2).permute({1, 0, 2}).flatten(1);  // [C, R places]
  std::vector<at::Tensor> channels;
  for (std::int64_t b = 0; b < descriptors.size(0); ++b) {
    const at::Tensor likeness = at::matmul(descriptors[b].flatten(1).transpose(0, 1), others);
    const std::int64_t many = std::min(nano::kReferenceMany, likeness.size(1));
    const at::Tensor best = std::get<0>(at::topk(likeness, many, 1));
    const at::Tensor at_places = at::amax(likeness.view({places, -1, places}), {1});
    const at::Tensor few = best.narrow(1, 0, std::min(nano::kReferenceFew, many)).mean(1);
    channels.push_back(1 - at::stack({best.select(1, 0), few, best.mean(1),
                                      at::amax(at_places.masked_fill(near.logical_not(), -2), {1})}));
  }
  return at::stack(channels).view({descriptors.size(0), nano::kReferenceChannels, height, width});
}

at::Tensor reference_channels(const at::Tensor& descriptors, const at::Tensor& references,
                              const Batch& batch) {
  const at::NoGradGuard no_gradients;
  at::Tensor channels =
      at::empty({descriptors.size(0), nano::kReferenceChannels, descriptors.size(2), descriptors.size(3)},
                descriptors.options());
  const std::int64_t pools = batch.pool.max().item<std::int64_t>() + 1;
  for (std::int64_t k = 0; k < pools; ++k) {
    const auto of_pool = [&](const at::Tensor& pool) {
      return pool.eq(k).nonzero().flatten().to(descriptors.device());
    };
    const at::Tensor images = of_pool(batch.pool);
    channels.index_copy_(0, images,
                         reference_channels(descriptors.index_select(0, images),
                                            references.index_select(0, of_pool(batch.reference_pool))));
  }
  return channels;
}

nn::Value compare_with_references(const nn::Scope& root, nn::TorchBackend& backend,
                                  const std::vector<nn::Value>& features, const Batch& batch) {
  const at::NoGradGuard no_gradients;
  const auto in_float32 = [&](std::vector<nn::Value> values) {
    for (nn::Value& value : values) value = backend.value(nn::torch_tensor(value).to(at::kFloat));
    return values;
  };
  const nn::Value own = nano::descriptors(in_float32(features));
  const at::Tensor images = batch.references.contiguous(at::MemoryFormat::ChannelsLast);
  const nn::Value others = nano::descriptors(in_float32(nano::encode(root, backend.value(images))));
  return backend.value(reference_channels(nn::torch_tensor(own), nn::torch_tensor(others), batch));
}

}  // namespace anomalyvlm::train
