#pragma once
// A ResNet as case.json states it.
#include <nlohmann/json_fwd.hpp>

#include "models/resnet/resnet.h"

namespace anomalyvlm::golden {

// Throws NotSupported for a setting that is unknown here.
ResNetConfig read_resnet_config(const nlohmann::json& config);

}  // namespace anomalyvlm::golden
