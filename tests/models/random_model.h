#pragma once
// A model function with randomly initialised weights, on every engine of this build.
#include <map>
#include <memory>
#include <span>
#include <string>

#include "nn/engine.h"

namespace anomalyvlm::test {

// [1, 3, height, width] and the like, normally distributed.
Tensor random_tensor(const Shape& shape, unsigned seed);

// Weights for all that the function asks for: convolutions and matrices that keep the scale of their input,
// norms with factors and variances around 1; of every seventh channel around 0.01 and 1e-4, so that eps
// matters.
std::shared_ptr<const WeightFile> random_weights(std::span<const ExpectedTensor> weights, unsigned seed);
std::shared_ptr<const WeightFile> random_weights(const nn::ModelSignature& signature, unsigned seed);

// The graph's outputs by name, all taps among them.
std::map<std::string, Tensor> run_on(const std::string& engine, nn::CompileRequest graph,
                                     const std::shared_ptr<const WeightFile>& weights,
                                     const std::vector<Tensor>& inputs);

// The same of a function of one "image".
std::map<std::string, Tensor> run_on(const std::string& engine, const std::string& name,
                                     const nn::ModelFunction& function,
                                     const std::shared_ptr<const WeightFile>& weights, const Tensor& input);

}  // namespace anomalyvlm::test
