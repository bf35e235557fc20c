#pragma once
// A layer of a ResNet as a feature extractor.
#include <memory>
#include <string>
#include <vector>

#include "models/resnet/dense_features.h"
#include "roles/feature_extractor.h"
#include "roles/feature_layers.h"

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

// All of the network's out_indices, as they are.
class ResNetLayers : public FeatureLayers {
 public:
  ResNetLayers(std::shared_ptr<const DenseFeatures> network, std::string description)
      : network_(std::move(network)), description_(std::move(description)) {}
  std::vector<Tensor> layers(const Image& image) const override;
  std::string id() const override { return description_; }

 private:
  std::shared_ptr<const DenseFeatures> network_;
  std::string description_;
};

// As PatchCore was published with it: layer2 and layer3 of Wide ResNet-50-2, with torchvision's weights.
// identity: of the weights.
std::shared_ptr<const FeatureLayers> wide_resnet_layers23(std::shared_ptr<const WeightFile> weights,
                                                          std::shared_ptr<nn::Engine> engine,
                                                          nn::Precision precision,
                                                          const std::string& identity);

}  // namespace anomalyvlm
