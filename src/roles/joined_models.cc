#include "roles/joined_models.h"

#include "roles/proposed_objects.h"

namespace anomalyvlm {

ImageRoles JoinedModels::open(const Image& image, const StageOptions& options) const {
  ImageRoles roles{proposer_(image, options), refiner_(image, options), saliency_(image, options), nullptr};
  roles.objects = std::make_shared<ProposedObjects>(roles.proposer, roles.refiner, image.width, image.height,
                                                    options.object_choice);
  return roles;
}

}  // namespace anomalyvlm
