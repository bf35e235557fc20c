#pragma once
// The refiner stage (ARR, Eq. 2) on SAM: a box becomes the mask of what lies in it.
#include <optional>

#include "models/sam/predictor.h"
#include "roles/image_session.h"

namespace anomalyvlm {

// For one image, which is embedded when the first boxes come. For one thread.
class SamRefiner {
 public:
  // `predictor` and `image` must outlive it. SAM sees the colours in this order.
  SamRefiner(const sam::Predictor& predictor, const Image& image, ColorOrder colors)
      : predictor_(predictor), image_(image), colors_(colors) {}

  // Binary regions in the candidates' order; an empty one where SAM sees nothing.
  std::vector<Region> refine(std::span<const BoxCandidate> candidates);

 private:
  const sam::Predictor& predictor_;
  const Image& image_;
  ColorOrder colors_;
  std::optional<sam::Embedding> embedding_;
};

}  // namespace anomalyvlm
