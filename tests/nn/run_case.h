#pragma once
// Runs a row of the table of operations on an engine.
#include <memory>

#include "nn/engine.h"
#include "nn/op_cases.h"

namespace anomalyvlm::test {

// A model function that is an expression over inputs, in their order; a tensor given here for an input is a
// constant in its place.
struct CompiledCase {
  std::shared_ptr<const nn::Program> program;
  std::vector<Tensor> inputs;  // those that are not fixed

  Tensor run() const { return program->run(inputs).at(0); }
};

CompiledCase compile_case(nn::Engine& engine, const OpCase& c, const std::vector<Tensor>& inputs,
                          nn::Precision precision = nn::Precision::kF32);

// What a row should give for these inputs.
Array expected_of(const OpCase& c, const std::vector<Tensor>& inputs);

// The largest difference in units of the largest expected magnitude (of 0.1, if that is less); infinite for
// another shape or a NaN.
double difference(const Tensor& found, const Array& expected);

}  // namespace anomalyvlm::test
