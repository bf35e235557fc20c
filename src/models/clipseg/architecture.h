#pragma once
// The decoders of CLIPSeg that are published; they come without CLIP. Their config is a ClipSegConfig.
#include "weights/architecture.h"

namespace anomalyvlm::clipseg {

extern const Architecture kRd64;         // rd64-uni
extern const Architecture kRd16;         // rd16-uni
extern const Architecture kRd64Refined;  // rd64-uni-refined

}  // namespace anomalyvlm::clipseg
