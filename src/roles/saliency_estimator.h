#pragma once
// The role that says how much each place of an image differs from what is alike: V, Eq. 3.
#include <span>

#include "anomalyvlm/detection.h"

namespace anomalyvlm {

// Of one image. For one thread.
class SaliencyEstimator {
 public:
  virtual ~SaliencyEstimator() = default;
  // Of the image's size. `objects`, in pixels of the image, is never empty.
  virtual FloatMap saliency(std::span<const InspectedObject> objects) = 0;
};

}  // namespace anomalyvlm
