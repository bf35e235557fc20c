#include "models/nano/backbone.h"

#include "image/resize.h"
#include "models/nano/network.h"
#include "nn/ops.h"

namespace anomalyvlm::nano {

nn::Value backbone_features(const nn::Scope& root, const nn::Value& image) {
  const std::vector<nn::Value> features = encode(root, image);  // at strides 2, 4, 8, 16, 32
  std::vector<nn::Value> layers;
  for (std::size_t i = 2; i < features.size(); ++i) {
    nn::Value layer = nn::l2_normalize(features[i], 1);
    if (!layers.empty()) layer = resize(layer, layers[0].dim(2), layers[0].dim(3), nn::Resample::kBilinear);
    layers.push_back(layer);
  }
  return nn::concat(layers, 1);
}

Backbone::Backbone(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
                   nn::Precision precision)
    : precision_(precision), programs_(std::move(weights), std::move(engine)) {}

Tensor Backbone::features(const Image& image) const {
  const auto function = [](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    return nn::NamedValues{{"features", backbone_features(root, inputs[0])}};
  };
  const Tensor input = to_nchw(image, {0, 0, 0}, {1, 1, 1});
  const auto graph = nn::make_request("nano's backbone", function, {{"image", input.shape()}});
  return programs_.get(graph, precision_)->run({input}).front();
}

std::vector<Tensor> Backbone::layers(const Image& image) const {
  const auto function = [](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    const std::vector<nn::Value> features = encode(root, inputs[0]);
    return nn::NamedValues{{"stride8", features[2]}, {"stride16", features[3]}};
  };
  const Tensor input = to_nchw(image, {0, 0, 0}, {1, 1, 1});
  const auto graph = nn::make_request("layers of nano's backbone", function, {{"image", input.shape()}});
  return programs_.get(graph, precision_)->run({input});
}

}  // namespace anomalyvlm::nano
