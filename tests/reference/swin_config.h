#pragma once
// A Swin transformer as case.json states it: Grounding DINO's config, with the backbone's own below "swin".
#include <nlohmann/json_fwd.hpp>

#include "models/swin/swin.h"

namespace anomalyvlm::golden {

// Throws NotSupported for a setting that is unknown here.
SwinConfig read_swin_config(const nlohmann::json& config);

}  // namespace anomalyvlm::golden
