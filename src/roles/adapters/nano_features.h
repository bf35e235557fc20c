#pragma once
// The embedded default's encoder as a feature extractor.
#include <memory>

#include "models/nano/backbone.h"
#include "roles/feature_extractor.h"

namespace anomalyvlm {

// Cells of 8 pixels, 472 channels; see nano::backbone_features().
class NanoFeatures : public FeatureExtractor {
 public:
  explicit NanoFeatures(std::shared_ptr<const nano::Backbone> backbone) : backbone_(std::move(backbone)) {}
  Tensor features(const Image& image) const override { return backbone_->features(image); }

 private:
  std::shared_ptr<const nano::Backbone> backbone_;
};

}  // namespace anomalyvlm
