#pragma once
// What the safetensors format calls element types.
#include <optional>
#include <string_view>

#include "core/tensor.h"

namespace anomalyvlm {

std::optional<DType> safetensors_type(std::string_view name);  // none: one that Tensor does not know
const char* safetensors_name(DType type);                      // "F32", "I64", ...

}  // namespace anomalyvlm
