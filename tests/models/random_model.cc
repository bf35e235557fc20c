#include "models/random_model.h"

#include <cmath>
#include <random>

namespace anomalyvlm::test {

Tensor random_tensor(const Shape& shape, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
  for (float& value : values) value = normal(random);
  return Tensor::from(shape, std::move(values));
}

namespace {

// Scales a random number by the weight's name and shape.
float made(float sample, const ExpectedTensor& weight, std::size_t index) {
  const auto is = [&](std::string_view ending) { return std::string_view(weight.name).ends_with(ending); };
  if (weight.shape.size() == 4) {
    const std::int64_t inputs = element_count(weight.shape) / weight.shape[0];
    return sample * static_cast<float>(std::sqrt(2.0 / static_cast<double>(inputs)));
  }
  if (weight.shape.size() == 2) return sample / std::sqrt(static_cast<float>(weight.shape[1]));
  const bool narrow = index % 7 == 3;
  if (is(".running_var")) return (1 + 0.5F * std::tanh(sample)) * (narrow ? 1e-4F : 1.0F);
  if (is(".weight")) return (1 + 0.3F * std::tanh(sample)) * (narrow ? 0.01F : 1.0F);
  return 0.3F * sample;
}

}  // namespace

std::shared_ptr<const WeightFile> random_weights(const nn::ModelSignature& signature, unsigned seed) {
  return random_weights(signature.weights, seed);
}

std::shared_ptr<const WeightFile> random_weights(std::span<const ExpectedTensor> weights, unsigned seed) {
  WeightFile::Tensors tensors;
  for (const ExpectedTensor& weight : weights) {
    Tensor tensor = random_tensor(weight.shape, seed++);
    for (std::size_t i = 0; i < tensor.mutable_floats().size(); ++i)
      tensor.mutable_floats()[i] = made(tensor.floats()[i], weight, i);
    tensors.emplace(weight.name, tensor);
  }
  return std::make_shared<const WeightFile>("randomly initialised weights", std::move(tensors));
}

std::map<std::string, Tensor> run_on(const std::string& engine, nn::CompileRequest graph,
                                     const std::shared_ptr<const WeightFile>& weights,
                                     const std::vector<Tensor>& inputs) {
  graph.weights = weights;
  graph.taps = {"*"};
  const auto program = nn::make_engine(engine, {.device = "cpu", .disk_cache = false})->compile(graph);
  const std::vector<Tensor> results = program->run(inputs);
  std::map<std::string, Tensor> named;
  for (std::size_t i = 0; i < results.size(); ++i) named.emplace(program->outputs()[i], results[i]);
  return named;
}

std::map<std::string, Tensor> run_on(const std::string& engine, const std::string& name,
                                     const nn::ModelFunction& function,
                                     const std::shared_ptr<const WeightFile>& weights, const Tensor& input) {
  nn::CompileRequest graph;
  graph.model = name;
  graph.function = function;
  graph.inputs = {{"image", input.shape()}};
  return run_on(engine, std::move(graph), weights, {input});
}

}  // namespace anomalyvlm::test
