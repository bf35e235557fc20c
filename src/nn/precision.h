#pragma once
// In which precision a model computes.
#include "anomalyvlm/options.h"
#include "nn/engine.h"

namespace anomalyvlm::nn {

// kAuto: bfloat16 where the machine computes in it by itself and gets small products right (some library
// versions did not on some CPUs), else float32. Throws Error(kBadInput) for kBF16 where the engine has none.
Precision choose_precision(PrecisionChoice choice, Engine& engine);

}  // namespace anomalyvlm::nn
