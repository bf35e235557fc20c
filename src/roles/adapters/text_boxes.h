#pragma once
// What the region proposer (ARG, Eq. 1) makes of a text-guided detector's answer.
#include "models/grounding_dino/grounding_dino.h"
#include "roles/proposal.h"
#include "roles/stage_options.h"

namespace anomalyvlm {

// The boxes above options.box_threshold in the order of the queries, in pixels of an image of this size, with
// their phrases as options.phrases says; ids count up from first_id. Areas and names are the pipeline's to
// judge.
std::vector<Proposal> read_boxes(const grounding_dino::CaptionOutputs& answer, const StageOptions& options,
                                 int width, int height, int first_id = 0);

}  // namespace anomalyvlm
