#pragma once
// The weights of DINOv2 that are published. Their config is a Dinov2Config.
#include "weights/architecture.h"

namespace anomalyvlm::dinov2 {

extern const Architecture kVitS14, kVitS14Reg, kVitB14, kVitB14Reg;

}  // namespace anomalyvlm::dinov2
