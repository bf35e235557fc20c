// Gradients of the torch engine's operations against differences of their definitions, for every row of the
// table; and what must have none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nn/engines/torch_backend.h"
#include "nn/op_cases.h"

namespace anomalyvlm::test {
namespace {

// A row's expression on torch, with gradients for all inputs.
struct Traced {
  nn::TorchBackend backend;
  std::vector<at::Tensor> inputs;
  at::Tensor out;

  Traced(const OpCase& c, const std::vector<Tensor>& given) {
    Values values;
    for (std::size_t i = 0; i < given.size(); ++i) {
      inputs.push_back(nn::to_torch(given[i], at::kCPU));
      inputs.back().set_requires_grad(c.inputs[i].gradient);
      values.push_back(backend.value(inputs.back()));
    }
    out = nn::torch_tensor(c.expression(values));
  }
};

// The sum of a result's elements, each with a weight of its own.
std::vector<double> weights_of(std::size_t count) {
  std::vector<double> weights;
  for (std::size_t i = 0; i < count; ++i) weights.push_back(std::cos(1.7 * static_cast<double>(i) + 0.3));
  return weights;
}

double weighted(const Array& out) {
  const std::vector<double> weights = weights_of(out.values.size());
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * out.values[i];
  return sum;
}

double slope(const OpCase& c, Arrays inputs, std::size_t input, std::size_t element, double step) {
  double& x = inputs[input].values[element];
  const double before = x;
  x = before + step;
  const double above = weighted(c.reference(inputs));
  x = before - step;
  return (above - weighted(c.reference(inputs))) / (2 * step);
}

void check_gradients(const OpCase& c) {
  const std::vector<Tensor> tensors = draw_inputs(c);
  const Traced traced(c, tensors);
  const std::vector<double> weights = weights_of(static_cast<std::size_t>(traced.out.numel()));
  const std::vector<float> narrow(weights.begin(), weights.end());
  const at::Tensor factors = at::tensor(narrow).reshape(traced.out.sizes());
  (traced.out * factors).sum().backward();
  const Arrays inputs(tensors.begin(), tensors.end());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!c.inputs[i].gradient) continue;
    const Tensor gradient = nn::from_torch(traced.inputs[i].grad());
    const std::size_t count = inputs[i].values.size();
    for (std::size_t e = 0; e < count; e += 1 + count / 3) {
      const double found = gradient.floats()[e];
      ASSERT_TRUE(std::isfinite(found)) << "input " << i << ", element " << e;
      const double expected = slope(c, inputs, i, e, 1e-5), again = slope(c, inputs, i, e, 1e-6);
      if (std::abs(expected - again) > 1e-3 * std::max(1.0, std::abs(expected))) continue;  // at a kink
      EXPECT_NEAR(found, expected, 2e-3 * std::max(1.0, std::abs(expected)))
          << "input " << i << ", element " << e;
    }
  }
}

TEST(Gradients, OfEveryRow) {
  int checked = 0;
  for (const OpCase& c : op_cases()) {
    if (c.timed || c.is_kernel()) continue;
    SCOPED_TRACE(c.name);
    check_gradients(c);
    ++checked;
  }
  EXPECT_GT(checked, 200);
}

TEST(Gradients, StopAtKernels) {
  for (const OpCase& c : op_cases()) {
    if (!c.is_kernel() || c.timed) continue;
    EXPECT_FALSE(Traced(c, draw_inputs(c)).out.requires_grad()) << c.name;
  }
}

}  // namespace
}  // namespace anomalyvlm::test
