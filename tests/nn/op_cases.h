#pragma once
// The one table of operations: every operation of nn/ops.h over odd shapes and parameters, each with its
// definition in double precision. Tests and benchmarks walk it. New operation: a row here.
#include <functional>
#include <string>
#include <vector>

#include "nn/array.h"

namespace anomalyvlm::test {

using Values = std::vector<nn::Value>;
using Arrays = std::vector<Array>;

// Uniformly distributed over [low, high), the same at every run.
struct OpInput {
  Shape shape;
  float low = -2, high = 2;
  bool fixed = false;    // a constant of the graph, as weights are
  bool gradient = true;  // false: a norm's statistics
};

inline OpInput positive(Shape shape) { return {std::move(shape), 0.25F, 3}; }
inline OpInput weight(Shape shape) { return {std::move(shape), -1, 1, true}; }
inline OpInput positive_weight(Shape shape) { return {std::move(shape), 0.25F, 3, true}; }

inline OpInput statistic(OpInput input) {
  input.gradient = false;
  return input;
}

struct OpCase {
  std::string name;  // "conv2d/strided": before the '/' the function of ops.h that it is about
  std::vector<OpInput> inputs;
  std::function<nn::Value(const Values&)> expression;
  std::function<Array(const Arrays&)> reference;
  // Largest difference allowed, in units of the result's largest magnitude: see difference().
  double f32 = 3e-6, bf16 = 1.5e-2;
  bool timed = false;  // of a size that models have: the benchmark walks these

  std::string operation() const { return name.substr(0, name.find('/')); }
  bool is_kernel() const {
    return operation() == "neighbour_distance" || operation() == "deformable_attention";
  }
};

// All rows, by groups.
std::vector<OpCase> op_cases();
std::vector<OpCase> elementwise_cases();
std::vector<OpCase> matrix_cases();
std::vector<OpCase> image_cases();
std::vector<OpCase> shape_cases();

// The inputs of a row, fixed ones too, in its order.
std::vector<Tensor> draw_inputs(const OpCase& c);

}  // namespace anomalyvlm::test
