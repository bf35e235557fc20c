#pragma once
// Runs a case's graph.
#include "nn/engine.h"
#include "reference/runner.h"

namespace anomalyvlm::golden {

// Compiles and runs a graph with the case's weights; all of its taps are among the outputs.
WeightFile::Tensors run_graph(const GoldenCase& golden, nn::Engine& engine, nn::CompileRequest graph,
                              const std::vector<Tensor>& inputs);

}  // namespace anomalyvlm::golden
