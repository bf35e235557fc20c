#pragma once
// A model set of one model for each role; objects are found by proposing and refining their name.
#include <functional>
#include <utility>

#include "roles/model_set.h"

namespace anomalyvlm {

// Opens a loaded model for an image, which must outlive what it gives. Const and usable from several threads.
template <typename Role>
using RoleOpener = std::function<std::shared_ptr<Role>(const Image& image, const StageOptions& options)>;

class JoinedModels : public ModelSet {
 public:
  JoinedModels(RoleOpener<RegionProposer> proposer, RoleOpener<MaskRefiner> refiner,
               RoleOpener<SaliencyEstimator> saliency, std::vector<LoadedModel> models)
      : proposer_(std::move(proposer)),
        refiner_(std::move(refiner)),
        saliency_(std::move(saliency)),
        models_(std::move(models)) {}
  ImageRoles open(const Image& image, const StageOptions& options) const override;
  std::vector<LoadedModel> models() const override { return models_; }

 private:
  RoleOpener<RegionProposer> proposer_;
  RoleOpener<MaskRefiner> refiner_;
  RoleOpener<SaliencyEstimator> saliency_;
  std::vector<LoadedModel> models_;
};

}  // namespace anomalyvlm
