#pragma once
// EfficientNet-Lite (Google, 2020) as a feature extractor: inverted residuals with ReLU6, no
// squeeze-and-excite, TensorFlow's "same" padding (the odd pixel goes right and bottom), batch norm eps 1e-3.
// Names of weights are those of the published PyTorch conversion: "_conv_stem.weight", "_bn0.*",
// "_blocks.N._expand_conv.weight", ...
#include <vector>

#include "nn/scope.h"

namespace anomalyvlm {

struct EfficientNetLiteConfig {
  double width = 1.0;  // factor on the stages' channels, rounded to multiples of 8; the stem keeps its 32
  double depth = 1.0;  // factor on the stages' repeats, rounded up; the first and the last stage keep theirs
  bool folded_norm = false;  // batch norms are folded into the convolutions, which then have a "bias"

  static EfficientNetLiteConfig lite0() { return {1.0, 1.0}; }
  static EfficientNetLiteConfig lite1() { return {1.0, 1.1}; }
  static EfficientNetLiteConfig lite2() { return {1.1, 1.2}; }
};

// x: [B, 3, H, W], RGB, (value - 127) / 128. -> the last features at strides 2, 4, 8, 16, 32 (16, 24, 40,
// 112, 320 channels at width 1), each of ceil(H / stride) x ceil(W / stride).
std::vector<nn::Value> efficientnet_lite_features(const nn::Scope& at, const EfficientNetLiteConfig& config,
                                                  const nn::Value& x);

// Folds every batch norm of published weights into its convolution; the classifier is left out.
WeightFile::Tensors fold_efficientnet_lite(const WeightFile& published, const EfficientNetLiteConfig& config);

}  // namespace anomalyvlm
