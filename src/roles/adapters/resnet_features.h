#pragma once
// A layer of a ResNet as a feature extractor.
#include <memory>

#include "models/resnet/dense_features.h"
#include "roles/feature_extractor.h"

namespace anomalyvlm {

// The finest of the network's out_indices, as it is: layer i has cells of 2^(i + 1) pixels. Input: RGB,
// ImageNet's mean and standard deviation.
class ResNetFeatures : public FeatureExtractor {
 public:
  explicit ResNetFeatures(std::shared_ptr<const DenseFeatures> network) : network_(std::move(network)) {}
  Tensor features(const Image& image) const override;

 private:
  std::shared_ptr<const DenseFeatures> network_;
};

// The network as UTAD was published with it: layer2[3] of Wide ResNet-50-2, with torchvision's weights.
std::shared_ptr<const FeatureExtractor> wide_resnet_layer2(std::shared_ptr<const WeightFile> weights,
                                                           std::shared_ptr<nn::Engine> engine,
                                                           nn::Precision precision);

}  // namespace anomalyvlm
