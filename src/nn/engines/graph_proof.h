#pragma once
// Verifies a compiled graph that is loaded from disk: it must give the same outputs as when it was compiled.
#include <vector>

#include "nn/engine.h"
#include "nn/engines/graph_cache.h"

namespace anomalyvlm::nn {

// What a graph makes of numbers that follow from its key: of each output two means and up to 64 of its
// values. One inference. Another graph's proof, kept under this one's name, belongs to other numbers and does
// not help.
std::vector<float> proof_of(const Program& program, const GraphKey& key);

// Whether two proofs are of the same graph, computed in this precision.
bool agree(const std::vector<float>& kept, const std::vector<float>& now, Precision precision);

}  // namespace anomalyvlm::nn
