#include "roles/adapters/resnet_features.h"

namespace anomalyvlm {

Tensor ResNetFeatures::features(const Image& image) const {
  return network_->layers(imagenet_input(image)).front();
}

std::vector<Tensor> ResNetLayers::layers(const Image& image) const {
  return network_->layers(imagenet_input(image));
}

std::shared_ptr<const FeatureExtractor> wide_resnet_layer2(std::shared_ptr<const WeightFile> weights,
                                                           std::shared_ptr<nn::Engine> engine,
                                                           nn::Precision precision) {
  ResNetConfig config = ResNetConfig::wide_resnet50_2();  // the layers up to that one, and it alone
  config.out_indices = {2};
  return std::make_shared<const ResNetFeatures>(
      std::make_shared<const DenseFeatures>(std::move(weights), std::move(engine), precision, config));
}

std::shared_ptr<const FeatureLayers> wide_resnet_layers23(std::shared_ptr<const WeightFile> weights,
                                                          std::shared_ptr<nn::Engine> engine,
                                                          nn::Precision precision,
                                                          const std::string& identity) {
  ResNetConfig config = ResNetConfig::wide_resnet50_2();
  config.out_indices = {2, 3};
  return std::make_shared<const ResNetLayers>(
      std::make_shared<const DenseFeatures>(std::move(weights), std::move(engine), precision, config),
      "layer2 and layer3 of " + identity);
}

}  // namespace anomalyvlm
