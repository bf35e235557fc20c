#include "models/nano/backbone.h"

#include "image/resize.h"
#include "models/nano/network.h"
#include "nn/ops.h"

namespace anomalyvlm::nano {

nn::Value backbone_features(const nn::Scope& root, const nn::Value& image) {
  constexpr std::size_t kStride8 = 2, kStride16 = 3;  // places in what encode() gives
  const std::vector<nn::Value> features = encode(root, image);
  const nn::Value fine = nn::l2_normalize(features[kStride8], 1);
  const nn::Value coarse = nn::l2_normalize(features[kStride16], 1);
  return nn::concat({fine, resize(coarse, fine.dim(2), fine.dim(3), nn::Resample::kBilinear)}, 1);
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

}  // namespace anomalyvlm::nano
