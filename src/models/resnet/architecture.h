#pragma once
// The weights of residual networks that are published. Their config is a ResNetConfig.
#include "weights/architecture.h"

namespace anomalyvlm {

extern const Architecture kWideResNet50x2;

}  // namespace anomalyvlm
