#pragma once
// The paper's session but for its region generator: SAM refines, a ResNet gives the saliency. Who derives
// from it proposes.
#include "roles/resnet_saliency.h"
#include "roles/sam_refiner.h"

namespace anomalyvlm {

class SamResNetSession : public ImageSession {
 public:
  // All but the options must outlive the session.
  SamResNetSession(const Image& image, const StageOptions& options, const sam::Predictor& predictor,
                   const ResNetSaliency& saliency)
      : ImageSession(image.width, image.height, options),
        image_(image),
        refiner_(predictor, image, options.colors),
        saliency_(saliency) {}

  std::vector<Region> refine(std::span<const BoxCandidate> candidates) override {
    return refiner_.refine(candidates);
  }
  FloatMap saliency(std::span<const InspectedObject> objects) override {
    return saliency_.map(image_, objects, options());
  }

 protected:
  const Image& image() const { return image_; }

 private:
  const Image& image_;
  SamRefiner refiner_;
  const ResNetSaliency& saliency_;
};

}  // namespace anomalyvlm
