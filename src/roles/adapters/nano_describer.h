#pragma once
// The embedded default's features as what images are compared by.
#include <memory>
#include <string>

#include "models/nano/nano_model.h"
#include "roles/image_describer.h"

namespace anomalyvlm {

// What the model says of an image of this size, as grids over all of it. alarms: of NanoModel::decode(), or
// none.
std::vector<DescriptorGrid> grids_of(const nano::NanoModel::EncodedImage& encoded, int width, int height,
                                     std::span<const FloatMap> alarms = {});

// A grid for each of the model's sides, with vectors of unit length (nano::descriptors()); the alarms are the
// probability of a defect.
class NanoDescriber : public ImageDescriber {
 public:
  NanoDescriber(std::shared_ptr<const nano::NanoModel> model, std::string id)
      : model_(std::move(model)), id_(std::move(id)) {}
  std::vector<DescriptorGrid> describe(const Image& image) const override;
  std::string id() const override { return id_; }

 private:
  std::shared_ptr<const nano::NanoModel> model_;
  std::string id_;
};

}  // namespace anomalyvlm
