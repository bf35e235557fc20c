#pragma once
// DINOv2's features of an image: a vector for each patch.
#include <memory>

#include "models/dinov2/config.h"
#include "nn/programs.h"

namespace anomalyvlm::dinov2 {

// Weights loaded once; const and usable from several threads.
class PatchFeatures {
 public:
  PatchFeatures(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
                nn::Precision precision, const Dinov2Config& config);

  // block_maps() of an input [B, 3, H, W], normalised: of each block [B, channels, h, w]. AnomalyDINO takes
  // the last one. Throws Error(kBadModel) when the weights do not fit, and as block_maps() does.
  std::vector<Tensor> maps(const Tensor& input, const std::vector<int>& blocks) const;

  const Dinov2Config& config() const { return config_; }

 private:
  nn::Precision precision_;
  Dinov2Config config_;
  mutable nn::Programs programs_;
};

}  // namespace anomalyvlm::dinov2
