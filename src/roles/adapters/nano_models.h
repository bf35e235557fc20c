#pragma once
// The embedded default in all roles. One inference serves them all.
#include "models/nano/nano_model.h"
#include "roles/adapters/nano_describer.h"
#include "roles/model_set.h"

namespace anomalyvlm {

// As proposer: the map of defects D, raised by the saliency as Eq. 4 raises a confidence, is cut into regions
// around its peaks. S = D at the peak times the probability that the region is what a phrase names; of
// several phrases the likeliest counts. A phrase of which no word is known means "defect", and notes() say
// so. As refiner: the region of the proposal as a soft mask, 1 at its peak.
// As saliency estimator: V, of the whole image whatever the objects are.
// As object finder: what stands out from the background, largest first, whatever its name.
// With references D is what it becomes in their light (docs/REFERENCES.md): less where the same is seen as a
// defect in them, more where they have nothing like it.
// Of StageOptions only those of Eq. 4 apply: thresholds and neighbours are those the model was trained and
// measured with.
class NanoModelSet : public ModelSet {
 public:
  NanoModelSet(std::shared_ptr<const nano::NanoModel> model, LoadedModel about)
      : model_(std::move(model)), about_(std::move(about)) {}
  ImageRoles open(const Image& image, const StageOptions& options) const override;
  std::vector<LoadedModel> models() const override { return {about_}; }
  std::shared_ptr<const ImageDescriber> describer() const override {
    return std::make_shared<const NanoDescriber>(model_, about_.id);
  }

 private:
  std::shared_ptr<const nano::NanoModel> model_;
  LoadedModel about_;
};

}  // namespace anomalyvlm
