#pragma once
// Loaded models that together fill the roles a method of regions needs.
#include <memory>
#include <vector>

#include "anomalyvlm/image.h"
#include "roles/image_describer.h"
#include "roles/loaded_model.h"
#include "roles/mask_refiner.h"
#include "roles/object_finder.h"
#include "roles/reference_comparer.h"
#include "roles/region_proposer.h"
#include "roles/saliency_estimator.h"
#include "roles/stage_options.h"

namespace anomalyvlm {

// The roles for one image; all are filled, that of references where there are some. They may share state: one
// object can fill several. Each computes features when they are first needed, and only once. For one thread.
struct ImageRoles {
  std::shared_ptr<RegionProposer> proposer;
  std::shared_ptr<MaskRefiner> refiner;
  std::shared_ptr<SaliencyEstimator> saliency;
  std::shared_ptr<ObjectFinder> objects;
  std::shared_ptr<ReferenceComparer> references = nullptr;
};

// Weights loaded once; const and usable from several threads.
class ModelSet {
 public:
  virtual ~ModelSet() = default;
  // `image` and this set must outlive the roles.
  virtual ImageRoles open(const Image& image, const StageOptions& options) const = 0;
  virtual std::vector<LoadedModel> models() const = 0;
  // What references are described with; null: these models compare with none.
  virtual std::shared_ptr<const ImageDescriber> describer() const { return nullptr; }
};

}  // namespace anomalyvlm
