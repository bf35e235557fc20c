#include "models/efficientnet_lite/efficientnet_lite.h"

#include <cmath>

#include "nn/layers.h"

namespace anomalyvlm {
namespace {

using nn::Scope;
using nn::Value;

constexpr float kEps = 1e-3F;

struct Stage {
  int repeats;
  std::int64_t kernel, stride, expansion, channels;
};
constexpr Stage kStages[] = {{1, 3, 1, 1, 16},  {2, 3, 2, 6, 24},  {2, 5, 2, 6, 40}, {3, 3, 2, 6, 80},
                             {3, 5, 1, 6, 112}, {4, 5, 2, 6, 192}, {1, 3, 1, 6, 320}};
constexpr int kStageCount = 7;

std::int64_t scaled_channels(double width, std::int64_t channels) {
  const double wanted = width * static_cast<double>(channels);
  const auto rounded = std::max<std::int64_t>(8, static_cast<std::int64_t>(wanted + 4) / 8 * 8);
  return static_cast<double>(rounded) < 0.9 * wanted ? rounded + 8 : rounded;
}

int scaled_repeats(double depth, int stage) {
  const bool fixed = stage == 0 || stage == kStageCount - 1;
  return fixed ? kStages[stage].repeats : static_cast<int>(std::ceil(depth * kStages[stage].repeats));
}

// TensorFlow's "same": out = ceil(in / stride).
nn::Padding same(const Value& x, std::int64_t kernel, std::int64_t stride) {
  const auto total = [&](std::int64_t in) {
    return std::max<std::int64_t>(((in + stride - 1) / stride - 1) * stride + kernel - in, 0);
  };
  const std::int64_t h = total(x.dim(2)), w = total(x.dim(3));
  return {h / 2, w / 2, h - h / 2, w - w / 2};
}

// A convolution and its norm.
struct Unit {
  const Scope& at;
  const EfficientNetLiteConfig& config;

  Value operator()(std::string_view conv, std::string_view norm, const Value& x, std::int64_t out,
                   std::int64_t kernel, std::int64_t stride = 1, std::int64_t groups = 1) const {
    const nn::ConvSpec spec = {stride, same(x, kernel, stride), 1, groups};
    const Value y = nn::conv2d(at / conv, x, out, kernel, spec, config.folded_norm);
    return config.folded_norm ? y : nn::batch_norm(at / norm, y, kEps);
  }
};

Value inverted_residual(const Unit& unit, const Value& x, const Stage& stage, std::int64_t stride,
                        std::int64_t out) {
  const std::int64_t inner = x.dim(1) * stage.expansion;
  Value y = x;
  if (stage.expansion > 1) y = relu6(unit("_expand_conv", "_bn0", y, inner, 1));
  y = relu6(unit("_depthwise_conv", "_bn1", y, inner, stage.kernel, stride, inner));
  y = unit("_project_conv", "_bn2", y, out, 1);
  return stride == 1 && x.dim(1) == out ? x + y : y;
}

}  // namespace

std::vector<Value> efficientnet_lite_features(const Scope& at, const EfficientNetLiteConfig& config,
                                              const Value& x) {
  Value y = relu6(Unit{at, config}("_conv_stem", "_bn0", x, 32, 3, 2));
  std::vector<Value> features;
  int block = 0;
  for (int s = 0; s < kStageCount; ++s) {
    const Stage& stage = kStages[s];
    if (stage.stride == 2) features.push_back(y);  // the last before each halving
    const std::int64_t out = scaled_channels(config.width, stage.channels);
    for (int i = 0; i < scaled_repeats(config.depth, s); ++i, ++block) {
      const Scope scope = at / "_blocks" / block;
      y = inverted_residual(Unit{scope, config}, y, stage, i == 0 ? stage.stride : 1, out);
    }
  }
  features.push_back(y);
  return features;
}

WeightFile::Tensors fold_efficientnet_lite(const WeightFile& published,
                                           const EfficientNetLiteConfig& config) {
  EfficientNetLiteConfig separate = config;
  separate.folded_norm = false;
  const auto model = [&](const Scope& root, const std::vector<Value>& inputs) {
    return nn::NamedValues{{"features", efficientnet_lite_features(root, separate, inputs[0]).back()}};
  };
  const nn::ModelSignature signature = nn::trace_signature(model, {{"image", {1, 3, 64, 64}}});
  nn::require_weights(published, "EfficientNet-Lite", signature);
  WeightFile::Tensors folded;
  const auto& list =
      signature.weights;  // each convolution's weight, followed by the four vectors of its norm
  for (std::size_t i = 0; i + 4 < list.size(); i += 5) {
    const Tensor conv = published.at(list[i].name).to_f32();
    const auto vector = [&](std::size_t k) { return published.at(list[i + k].name).to_f32(); };
    const Tensor gamma = vector(1), beta = vector(2), mean = vector(3), variance = vector(4);
    std::vector<float> weight(conv.floats().begin(), conv.floats().end()), bias;
    const std::size_t per_channel = weight.size() / static_cast<std::size_t>(conv.dim(0));
    for (std::size_t c = 0; c < static_cast<std::size_t>(conv.dim(0)); ++c) {
      const float scale = gamma.floats()[c] / std::sqrt(variance.floats()[c] + kEps);
      for (std::size_t k = 0; k < per_channel; ++k) weight[c * per_channel + k] *= scale;
      bias.push_back(beta.floats()[c] - mean.floats()[c] * scale);
    }
    const std::string base = list[i].name.substr(0, list[i].name.rfind('.'));
    folded[base + ".weight"] = Tensor::from<float>(conv.shape(), std::move(weight));
    folded[base + ".bias"] = Tensor::from<float>({conv.dim(0)}, std::move(bias));
  }
  return folded;
}

}  // namespace anomalyvlm
