#pragma once
// Image files as Pillow holds them before it makes RGB of them: that CLIP's preprocessing resizes.
#include "reference/case.h"

#include "anomalyvlm/image.h"

namespace anomalyvlm::golden {

class PillowImage {
 public:
  // A file in the case's folder. `pixels`, [H, W, 3] bytes or none: its colours as Pillow decodes them, which
  // take the place of ours, since decoders of JPEG may differ by a grey level.
  PillowImage(const GoldenCase& golden, const std::string& file, const Tensor* pixels);

  int width() const { return color_.width; }
  int height() const { return color_.height; }
  // Resized by BICUBIC, then RGB: palettes and images of one bit take the nearest pixel, alpha is multiplied
  // into the colours meanwhile, numbers of 16 bits are cut off at 255 afterwards.
  Image resized(int width, int height) const;

 private:
  Image color_;
  Image alpha_;      // empty: none
  FloatMap levels_;  // 16-bit grey, else empty
  bool nearest_ = false;
};

}  // namespace anomalyvlm::golden
