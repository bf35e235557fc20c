#pragma once
// The embedded default's encoder by itself, as a feature extractor for other methods: nano's
// EfficientNet-Lite0 (started from ImageNet's weights and trained on with nano), read from nano's weight
// file.
#include <memory>
#include <vector>

#include "anomalyvlm/image.h"
#include "nn/programs.h"
#include "nn/scope.h"

namespace anomalyvlm::nano {

// image: [B, 3, H, W], RGB 0..255. The features at strides 8, 16 and 32 (40, 112 and 320 channels), each
// location's vector of each scaled to length 1, so that none outweighs the others; the coarser ones enlarged
// bilinearly to the grid of the finest. -> [B, 472, ceil(H / 8), ceil(W / 8)].
nn::Value backbone_features(const nn::Scope& root, const nn::Value& image);

// Const and usable from several threads.
class Backbone {
 public:
  Backbone(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
           nn::Precision precision);

  // backbone_features() of an image of any size, which is not resized. Throws Error(kBadModel) when the
  // weights do not fit.
  Tensor features(const Image& image) const;
  // The features at strides 8 and 16 as they are, of an image of any size, which is not resized: [1, 40,
  // ceil(H / 8), ceil(W / 8)] and [1, 112, ceil(H / 16), ceil(W / 16)]. Throws as features() does.
  std::vector<Tensor> layers(const Image& image) const;

 private:
  nn::Precision precision_;
  mutable nn::Programs programs_;
};

}  // namespace anomalyvlm::nano
