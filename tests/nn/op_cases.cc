#include "nn/op_cases.h"

#include <random>

namespace anomalyvlm::test {

std::vector<OpCase> op_cases() {
  std::vector<OpCase> all;
  for (const auto& group : {elementwise_cases(), matrix_cases(), image_cases(), shape_cases()})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

std::vector<Tensor> draw_inputs(const OpCase& c) {
  std::seed_seq seed(c.name.begin(), c.name.end());
  std::mt19937 random(seed);
  std::vector<Tensor> tensors;
  for (const OpInput& input : c.inputs) {
    std::vector<float> values(static_cast<std::size_t>(element_count(input.shape)));
    for (float& v : values)
      v = input.low + (input.high - input.low) * static_cast<float>(random() >> 8) * 0x1p-24F;
    tensors.push_back(Tensor::from<float>(input.shape, std::move(values)));
  }
  return tensors;
}

}  // namespace anomalyvlm::test
