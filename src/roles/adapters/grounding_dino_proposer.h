#pragma once
// Grounding DINO as region proposer.
#include <memory>

#include "models/grounding_dino/grounding_dino.h"
#include "roles/joined_models.h"

namespace anomalyvlm {

// An image's features are computed when the first captions come, whatever their number. Phrases that do not
// fit into one caption are asked in several, with a note.
// `together`: whether several captions go through the network as one batch: faster on GPUs, where one does
// not fill the machine; on CPUs only more memory.
RoleOpener<RegionProposer> grounding_dino_proposer(
    std::shared_ptr<const grounding_dino::GroundingDino> network, bool together);

}  // namespace anomalyvlm
