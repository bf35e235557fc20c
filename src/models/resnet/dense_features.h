#pragma once
// A ResNet's features: of each layer by itself, and what the saliency of Eq. 3 compares, those of several
// layers at the finest one's resolution.
#include <memory>

#include "anomalyvlm/image.h"
#include "models/resnet/resnet.h"
#include "nn/ops.h"
#include "nn/programs.h"

namespace anomalyvlm {

// Coarser features [B, C_i, H_i, W_i] are brought to the first one's size by nearest neighbour and joined
// along the channels; every location's vector is scaled to length 1. -> [B, sum of C_i, H_0, W_0].
nn::Value joined_features(const std::vector<nn::Value>& features);

// (value - mean) / std of ImageNet: [1, 3, H, W], the channels in the image's order.
Tensor imagenet_input(const Image& image);

// Weights loaded once; const and usable from several threads.
class DenseFeatures {
 public:
  DenseFeatures(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
                nn::Precision precision, ResNetConfig config = {});

  // resnet_features() of an input [1, 3, H, W] as they are: one tensor for each of the config's out_indices.
  // Throws as of() does.
  std::vector<Tensor> layers(const Tensor& input) const;
  // joined_features() of an input [1, 3, H, W]. Throws Error(kBadModel) when the weights do not fit.
  Tensor of(const Tensor& input) const;
  // nn::neighbour_distance() of them, [1, 1, H_0, W_0]: the features stay where they were computed.
  Tensor distances(const Tensor& input, const nn::Neighbourhood& neighbourhood) const;

 private:
  nn::Precision precision_;
  ResNetConfig config_;
  mutable nn::Programs programs_;
};

}  // namespace anomalyvlm
