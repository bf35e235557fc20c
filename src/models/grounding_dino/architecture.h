#pragma once
// The weights of Grounding DINO that are published. Their config is a GroundingDinoConfig.
#include "weights/architecture.h"

namespace anomalyvlm::grounding_dino {

extern const Architecture kSwinT, kSwinB;

}  // namespace anomalyvlm::grounding_dino
