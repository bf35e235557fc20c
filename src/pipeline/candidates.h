#pragma once
// The steps of detect() that are no model's: what happens to the candidates between the stages.
#include <span>
#include <vector>

#include "anomalyvlm/detection.h"
#include "anomalyvlm/prompt.h"
#include "pipeline/pipeline.h"

namespace anomalyvlm {

using Candidates = std::vector<Candidate>;

// Refined score of a region that shows in a mask of the usual threshold.
constexpr double kStrong = 0.5;

// What a candidate must be before rules make sense. Sets Candidate::object to the object it overlaps most
// (the nearest if it overlaps none), and rejected_by of those that can never count. `asked[i]`: the query of
// candidate i.
void place(std::span<const InspectedObject> objects, const PipelineConfig& config,
           std::span<const TextQuery* const> asked, Candidates& candidates);

// Prompt 2 (III-F): rejects those that break a rule, and, where nothing but named kinds counts, the others.
void filter(const Image& image, std::span<const InspectedObject> objects, const HybridPrompt& prompt,
            const PipelineConfig& config, Candidates& candidates);

// Candidate::saliency, the mean of the map inside the mask.
void measure_saliency(const FloatMap& saliency, Candidates& candidates);

// Eq. 4 with the options' gain and usual saliency, of rejected candidates too. only_named: times the
// probability of being of a named kind.
void rescore(const StageOptions& options, bool only_named, Candidates& candidates);

// Prompt 3 (III-G): of those not rejected the max_regions that rank highest stay, of equals the later ones;
// none or 0: all. The highest refined score stays too if it is strong: words must not decide that an image is
// good. Before that the same for each of kind_limits. Then sorts: kept ones first, each part by
// refined score times Candidate::named, highest first.
void select(const HybridPrompt& prompt, Candidates& candidates);

// Eq. 5 over the candidates that are left; sorted as select() does.
FloatMap fuse(std::span<const Candidate> kept, int width, int height, Fusion fusion);

}  // namespace anomalyvlm
