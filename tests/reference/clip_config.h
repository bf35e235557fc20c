#pragma once
// CLIP's config as cases of CLIP, CLIPSeg and WinCLIP state it.
#include <nlohmann/json.hpp>

#include "models/clip/clip.h"

namespace anomalyvlm::golden {

// openai/CLIP's names ("vision_width"), or open_clip's ("vision_cfg": {"width"}).
clip::ClipConfig read_clip_config(const nlohmann::json& config);

}  // namespace anomalyvlm::golden
