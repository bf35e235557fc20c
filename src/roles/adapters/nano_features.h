#pragma once
// The embedded default's encoder as a feature extractor.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/nano/backbone.h"
#include "roles/feature_extractor.h"
#include "roles/feature_layers.h"

namespace anomalyvlm {

// Cells of 8 pixels, 472 channels; see nano::backbone_features().
class NanoFeatures : public FeatureExtractor {
 public:
  explicit NanoFeatures(std::shared_ptr<const nano::Backbone> backbone) : backbone_(std::move(backbone)) {}
  Tensor features(const Image& image) const override { return backbone_->features(image); }

 private:
  std::shared_ptr<const nano::Backbone> backbone_;
};

// Strides 8 and 16, 40 and 112 channels. weights: what the id names the weights by.
class NanoLayers : public FeatureLayers {
 public:
  NanoLayers(std::shared_ptr<const nano::Backbone> backbone, std::string weights)
      : backbone_(std::move(backbone)), weights_(std::move(weights)) {}
  std::vector<Tensor> layers(const Image& image) const override { return backbone_->layers(image); }
  std::string id() const override { return "strides 8 and 16 of the encoder of " + weights_; }

 private:
  std::shared_ptr<const nano::Backbone> backbone_;
  std::string weights_;
};

}  // namespace anomalyvlm
