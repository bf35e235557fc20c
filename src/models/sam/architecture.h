#pragma once
// The weights of SAM and MobileSAM that are published. Their config is a SamConfig.
#include "weights/architecture.h"

namespace anomalyvlm::sam {

extern const Architecture kVitT, kVitB, kVitL, kVitH;  // kVitT: MobileSAM

}  // namespace anomalyvlm::sam
