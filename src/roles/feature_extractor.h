#pragma once
// The role of a network that gives a feature vector for each location of an image.
#include "anomalyvlm/image.h"
#include "core/tensor.h"

namespace anomalyvlm {

// Const and usable from several threads.
class FeatureExtractor {
 public:
  virtual ~FeatureExtractor() = default;
  // image: of the size that the network is to see. -> float32 [1, C, h, w], a vector for each cell of a grid
  // that covers the image; C and the cells' size in pixels are the extractor's own. Throws Error(kBadModel)
  // when the weights do not fit.
  virtual Tensor features(const Image& image) const = 0;
};

}  // namespace anomalyvlm
