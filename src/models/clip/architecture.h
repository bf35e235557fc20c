#pragma once
// The weights of CLIP that are published. Their config is a ClipConfig.
#include "weights/architecture.h"

namespace anomalyvlm::clip {

extern const Architecture kVitB16;         // OpenAI's
extern const Architecture kVitB16Plus240;  // open_clip's

// A config as JSON, as files of weights hold it.
struct ClipConfig;
std::string config_json(const ClipConfig& config);

}  // namespace anomalyvlm::clip
