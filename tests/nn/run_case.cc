#include "nn/run_case.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace anomalyvlm::test {

CompiledCase compile_case(nn::Engine& engine, const OpCase& c, const std::vector<Tensor>& inputs,
                          nn::Precision precision) {
  nn::CompileRequest request;
  request.model = c.name;
  request.weights = std::make_shared<WeightFile>();
  request.precision = precision;
  CompiledCase compiled;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (c.inputs[i].fixed) continue;
    request.inputs.push_back({"input" + std::to_string(i), inputs[i].shape()});
    compiled.inputs.push_back(inputs[i]);
  }
  request.function = [c, inputs](const nn::Scope&, const Values& given) -> nn::NamedValues {
    Values all;
    auto next = given.begin();
    for (std::size_t i = 0; i < inputs.size(); ++i)
      all.push_back(c.inputs[i].fixed ? nn::constant(given[0], inputs[i]) : *next++);
    return {{"out", c.expression(all)}};
  };
  compiled.program = engine.compile(request);
  return compiled;
}

Array expected_of(const OpCase& c, const std::vector<Tensor>& inputs) {
  return c.reference(Arrays(inputs.begin(), inputs.end()));
}

double difference(const Tensor& found, const Array& expected) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (found.shape() != expected.shape) return kInfinity;
  double worst = 0;
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    const double apart = std::abs(static_cast<double>(found.floats()[i]) - expected.values[i]);
    if (std::isnan(apart)) return kInfinity;
    worst = std::max(worst, apart);
  }
  return worst / std::max(expected.largest(), 0.1);
}

}  // namespace anomalyvlm::test
