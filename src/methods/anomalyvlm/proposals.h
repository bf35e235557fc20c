#pragma once
// The models' regions of one image or tile: proposed (Eq. 1) and refined (Eq. 2), within a limit of memory.
#include <span>
#include <string>
#include <vector>

#include "methods/anomalyvlm/pipeline.h"
#include "roles/image_session.h"

namespace anomalyvlm {

struct Proposals {
  std::vector<Proposal> found;
  std::vector<const TextQuery*> asked;  // for each of them
};

Proposals propose(ImageSession& session, std::span<const TextQuery> queries);

// A candidate for each proposal, in their order, by which they are numbered. Adds a note where there was not
// enough memory for all regions.
Candidates refine(ImageSession& session, std::span<const Proposal> proposals, const PipelineConfig& config,
                  std::vector<std::string>& notes);

}  // namespace anomalyvlm
