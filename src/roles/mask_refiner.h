#pragma once
// The role that finds the exact region of a proposal: ARR, Eq. 2.
#include <span>
#include <vector>

#include "roles/proposal.h"

namespace anomalyvlm {

// Of one image. For one thread.
class MaskRefiner {
 public:
  virtual ~MaskRefiner() = default;
  // A region for each proposal, in their order, in pixels of the image. Soft or binary; an empty one is
  // allowed. One that shares its state with a proposer takes that one's proposals only, since start_over().
  virtual std::vector<Region> refine(std::span<const Proposal> proposals) = 0;
};

}  // namespace anomalyvlm
