#pragma once
// Finds objects by proposing and refining their name.
#include <memory>
#include <utility>

#include "roles/mask_refiner.h"
#include "roles/object_finder.h"
#include "roles/region_proposer.h"
#include "roles/stage_options.h"

namespace anomalyvlm {

class ProposedObjects : public ObjectFinder {
 public:
  // Of an image of this size, by the roles that were opened for it.
  ProposedObjects(std::shared_ptr<RegionProposer> proposer, std::shared_ptr<MaskRefiner> refiner, int width,
                  int height, ObjectChoice choice)
      : proposer_(std::move(proposer)),
        refiner_(std::move(refiner)),
        width_(width),
        height_(height),
        choice_(choice) {}

  // With binary masks.
  std::vector<InspectedObject> find(const std::string& name, int count) override;

 private:
  std::shared_ptr<RegionProposer> proposer_;
  std::shared_ptr<MaskRefiner> refiner_;
  int width_, height_;
  ObjectChoice choice_;
};

}  // namespace anomalyvlm
