#pragma once
// The models' regions of one image or tile: proposed (Eq. 1) and refined (Eq. 2), within a limit of memory.
#include <span>
#include <string>
#include <vector>

#include "methods/anomalyvlm/pipeline.h"

namespace anomalyvlm {

struct Proposals {
  std::vector<BoxCandidate> boxes;
  std::vector<const TextQuery*> asked;  // for each box
};

Proposals propose(ImageSession& session, std::span<const TextQuery> queries);

// A candidate for each box, in their order. Adds a note where there was not enough memory for all regions.
Candidates refine(ImageSession& session, std::span<const BoxCandidate> boxes, const PipelineConfig& config,
                  std::vector<std::string>& notes);

// Throws Error(kBadModel) for values that are not finite: damaged weights must not pass for an image without
// defects.
FloatMap checked(FloatMap saliency);

}  // namespace anomalyvlm
