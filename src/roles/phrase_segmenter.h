#pragma once
// The role of a network that says where in an image a phrase applies.
#include <string>
#include <vector>

#include "anomalyvlm/image.h"
#include "core/tensor.h"

namespace anomalyvlm {

// Const and usable from several threads.
class PhraseSegmenter {
 public:
  virtual ~PhraseSegmenter() = default;

  // -> float32 [phrases, h, w], 0..1: the probability that a place of the image is what the phrase says, on a
  // grid of the network's own over the whole image. Throws Error(kBadInput) for a phrase that is too long,
  // Error(kBadModel) when the weights do not fit.
  virtual Tensor probabilities(const Image& image, const std::vector<std::string>& phrases) const = 0;
};

}  // namespace anomalyvlm
