#include "nn/engines/graph_proof.h"

#include <algorithm>
#include <cmath>

#include "core/digest.h"

namespace anomalyvlm::nn {
namespace {

constexpr std::size_t kSamples = 64;

// Evenly distributed, and not all of one size: images hold numbers up to 255, tokens about 1.
Tensor noise(const Shape& shape, std::uint64_t seed) {
  constexpr float kScales[] = {1, 16, 255};
  Tensor tensor = Tensor::zeros(shape);
  const std::span<float> values = tensor.mutable_floats();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto bits = static_cast<std::uint32_t>(mix_digests(seed, i) >> 40);  // 24 of them
    values[i] = (static_cast<float>(bits) * 0x1p-23F - 1) * kScales[3 * i / values.size()];
  }
  return tensor;
}

void append_proof(std::span<const float> values, std::vector<float>& proof) {
  double sum = 0, sizes = 0;
  for (const float value : values) {
    sum += value;
    sizes += std::abs(value);
  }
  const auto count = static_cast<double>(std::max<std::size_t>(values.size(), 1));
  proof.push_back(static_cast<float>(sum / count));
  proof.push_back(static_cast<float>(sizes / count));
  for (std::size_t i = 0; i < kSamples; ++i)
    proof.push_back(values.empty() ? 0 : values[i * values.size() / kSamples]);
}

bool close(float a, float b, float apart) {
  return std::abs(a - b) <= apart || a == b || (std::isnan(a) && std::isnan(b));
}

}  // namespace

std::vector<float> proof_of(const Program& program, const GraphKey& key) {
  std::vector<Tensor> inputs;
  for (const InputSpec& input : program.inputs())
    inputs.push_back(noise(input.shape, mix_digests(key.digest(), inputs.size())));
  std::vector<float> proof;
  for (const Tensor& output : program.run(inputs)) append_proof(output.floats(), proof);
  return proof;
}

bool agree(const std::vector<float>& kept, const std::vector<float>& now, Precision precision) {
  // The tolerance for a graph that was read back, as a share of an output's largest value.
  const float allowed = precision == Precision::kBF16 ? 1e-2F : 1e-4F;
  constexpr std::size_t kOfOutput = kSamples + 2;
  if (kept.size() != now.size() || kept.empty() || kept.size() % kOfOutput != 0) return false;
  for (std::size_t begin = 0; begin < kept.size(); begin += kOfOutput) {
    float largest = 0;
    for (std::size_t i = begin; i < begin + kOfOutput; ++i)
      if (std::isfinite(kept[i])) largest = std::max(largest, std::abs(kept[i]));
    for (std::size_t i = begin; i < begin + kOfOutput; ++i)
      if (!close(kept[i], now[i], allowed * largest)) return false;
  }
  return true;
}

}  // namespace anomalyvlm::nn
