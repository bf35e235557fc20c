#pragma once
// The steps for candidates that only this method has: their objects, saliency, refined scores (Eq. 4), fusion
// (Eq. 5).
#include <span>

#include "methods/anomalyvlm/pipeline.h"
#include "methods/candidates.h"

namespace anomalyvlm {

// Checks that come before the rules. Sets Candidate::object to the object it overlaps most (the nearest if it
// overlaps none), and rejected_by of those that can never count and are not rejected yet. `asked[i]`: the
// query of candidate i.
void place(std::span<const InspectedObject> objects, const PipelineConfig& config,
           std::span<const TextQuery* const> asked, Candidates& candidates);

// Candidate::saliency, the mean of the map inside the mask.
void measure_saliency(const FloatMap& saliency, Candidates& candidates);

// Eq. 4 with the options' gain and usual saliency, of rejected candidates too. only_named: times the
// probability of being of a named kind.
void rescore(const StageOptions& options, bool only_named, Candidates& candidates);

// Eq. 5 over the candidates that are left; sorted as select() does.
FloatMap fuse(std::span<const Candidate> kept, int width, int height, Fusion fusion);

}  // namespace anomalyvlm
