#pragma once
// The weights of EfficientNet-Lite that are published. Their config is an EfficientNetLiteConfig.
#include "weights/architecture.h"

namespace anomalyvlm {

extern const Architecture kEfficientNetLite0;

}  // namespace anomalyvlm
