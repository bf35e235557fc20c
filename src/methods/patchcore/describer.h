#pragma once
// PatchCore's vectors as a description of an image.
#include <memory>
#include <string>
#include <vector>

#include "methods/patchcore/patchcore.h"
#include "roles/feature_layers.h"
#include "roles/image_describer.h"

namespace anomalyvlm::patchcore {

// One grid, of the patches; it covers the centred square that the network sees.
class Describer : public ImageDescriber {
 public:
  // Published: layer2 and layer3 of Wide ResNet-50-2. Throws Error(kBadInput) for a config that cannot be.
  explicit Describer(std::shared_ptr<const FeatureLayers> layers, const Config& config = {});

  std::vector<DescriptorGrid> describe(const Image& image) const override;
  std::string id() const override;
  const Config& config() const { return config_; }

 private:
  std::shared_ptr<const FeatureLayers> layers_;
  Config config_;
};

}  // namespace anomalyvlm::patchcore
