#pragma once
// In which precision a model computes, by name.
#include <string>

#include "nn/engine.h"

namespace anomalyvlm::nn {

// "f32", "bf16", or "auto": bfloat16 where the machine computes in it by itself and gets small products right
// (some library versions did not on some CPUs), else float32. Throws Error(kBadInput) for another name, and
// for bf16 where the engine has none.
Precision choose_precision(const std::string& name, Engine& engine);

}  // namespace anomalyvlm::nn
