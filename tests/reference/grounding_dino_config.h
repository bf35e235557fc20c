#pragma once
// Grounding DINO as case.json states it, in the authors' field names.
#include <nlohmann/json_fwd.hpp>

#include "models/grounding_dino/config.h"

namespace anomalyvlm::golden {

// Throws NotSupported for a setting that is unknown here.
GroundingDinoConfig read_grounding_dino_config(const nlohmann::json& config);

}  // namespace anomalyvlm::golden
