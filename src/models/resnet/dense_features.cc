#include "models/resnet/dense_features.h"

#include "image/resize.h"
#include "nn/ops.h"

namespace anomalyvlm {

nn::Value joined_features(const std::vector<nn::Value>& features) {
  const nn::Value& finest = features.front();
  std::vector<nn::Value> all;
  for (const nn::Value& f : features)
    all.push_back(nn::resize(f, finest.dim(2), finest.dim(3), nn::Resample::kNearest));
  return nn::l2_normalize(nn::concat(all, 1), 1);
}

Tensor imagenet_input(const Image& image) {
  return to_nchw(image, {123.675F, 116.28F, 103.53F}, {58.395F, 57.12F, 57.375F});
}

DenseFeatures::DenseFeatures(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
                             nn::Precision precision, ResNetConfig config)
    : precision_(precision), config_(std::move(config)), programs_(std::move(weights), std::move(engine)) {}

std::vector<Tensor> DenseFeatures::layers(const Tensor& input) const {
  const auto function = [config = config_](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    nn::NamedValues named;
    for (const nn::Value& layer : resnet_features(root, config, inputs[0]))
      named.emplace_back(fmt::format("layer{}", config.out_indices[named.size()]), layer);
    return named;
  };
  const auto graph = nn::make_request(config_.description(), function, {{"image", input.shape()}});
  return programs_.get(graph, precision_)->run({input});
}

Tensor DenseFeatures::of(const Tensor& input) const {
  const auto function = [config = config_](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    return nn::NamedValues{{"features", joined_features(resnet_features(root, config, inputs[0]))}};
  };
  const auto graph =
      nn::make_request("joined " + config_.description(), function, {{"image", input.shape()}});
  return programs_.get(graph, precision_)->run({input}).front();
}

Tensor DenseFeatures::distances(const Tensor& input, const nn::Neighbourhood& neighbourhood) const {
  const auto function = [config = config_, neighbourhood](const nn::Scope& root,
                                                          const std::vector<nn::Value>& inputs) {
    const nn::Value features = joined_features(resnet_features(root, config, inputs[0]));
    return nn::NamedValues{{"distances", neighbour_distance(features, {neighbourhood})}};
  };
  const std::string name = fmt::format("distances to the {} nearest beyond {}, joined {}",
                                       neighbourhood.nearest, neighbourhood.radius, config_.description());
  const auto graph = nn::make_request(name, function, {{"image", input.shape()}});
  return programs_.get(graph, precision_)->run({input}).front();
}

}  // namespace anomalyvlm
