#pragma once
// Models that know nothing of references, and a describer that compares for them.
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "roles/model_set.h"

namespace anomalyvlm {

// With references the saliency is pooled_saliency(); proposals whose regions look like the references are
// explained; and regions that are far from all references are proposed too, with masks of their own.
// Without, the models are as they are.
class ComparedModels : public ModelSet {
 public:
  using LoadDescriber = std::function<std::shared_ptr<const ImageDescriber>()>;
  // load: called when references are first used, from any thread; what it throws is passed on.
  ComparedModels(std::unique_ptr<const ModelSet> models, LoadDescriber load)
      : models_(std::move(models)), load_(std::move(load)) {}
  ImageRoles open(const Image& image, const StageOptions& options) const override;
  std::vector<LoadedModel> models() const override { return models_->models(); }
  std::shared_ptr<const ImageDescriber> describer() const override;

 private:
  std::unique_ptr<const ModelSet> models_;
  LoadDescriber load_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const ImageDescriber> describer_;
};

}  // namespace anomalyvlm
