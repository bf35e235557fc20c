#include "roles/adapters/resnet_features.h"

namespace anomalyvlm {

Tensor ResNetFeatures::features(const Image& image) const {
  return network_->layers(imagenet_input(image)).front();
}

std::shared_ptr<const FeatureExtractor> wide_resnet_layer2(std::shared_ptr<const WeightFile> weights,
                                                           std::shared_ptr<nn::Engine> engine,
                                                           nn::Precision precision) {
  ResNetConfig config = ResNetConfig::wide_resnet50_2();  // the layers up to that one, and it alone
  config.out_indices = {2};
  return std::make_shared<const ResNetFeatures>(
      std::make_shared<const DenseFeatures>(std::move(weights), std::move(engine), precision, config));
}

}  // namespace anomalyvlm
