#pragma once
// Residual networks of bottleneck blocks (He et al., 2016), wide ones among them (Zagoruyko and Komodakis,
// 2016), as feature extractors. Names of weights are torchvision's, which timm shares: "conv1.weight",
// "bn1.*", "layer1.0.conv1.weight", ... The classifier "fc" and layers beyond the last one asked for are not
// read.
#include <cstdint>
#include <string>
#include <vector>

#include "nn/scope.h"

namespace anomalyvlm {

struct ResNetConfig {
  std::vector<int> layers = {3, 4, 6, 3};  // blocks of layer 1, 2, ...
  std::int64_t width_per_group = 128;      // a block is planes * width_per_group / 64 * groups wide inside
  std::int64_t groups = 1;                 // of its 3 x 3 convolution
  float bn_eps = 1e-5F;
  // Which features to give, ascending: 0 the stem's before pooling, 1 layer 1, ... (timm's counting).
  std::vector<int> out_indices = {1, 2, 3};

  static ResNetConfig wide_resnet50_2() { return {}; }
  std::string description() const;  // "ResNet, layers 3 4 6 3, ...": tells graphs apart
};

// x [B, 3, H, W], RGB, (value - mean) / std of ImageNet. -> what config.out_indices asks for: [B, 64, ...] at
// stride 2 for 0, [B, 256 * 2^(i - 1), ...] at stride 2^(i + 1) for layer i, each extent ceil(extent /
// stride). Taps: "stem" (pooled, stride 4), "layer1", "layer2", ... Throws Error(kBadModel) for a config that
// cannot be built.
std::vector<nn::Value> resnet_features(const nn::Scope& at, const ResNetConfig& config, const nn::Value& x);

}  // namespace anomalyvlm
