#include "nn/precision.h"

#include <algorithm>
#include <cmath>

#include "core/platform.h"
#include "nn/layers.h"

namespace anomalyvlm::nn {
namespace {

// Emulated bfloat16 is slower than float32.
bool computes_in_bf16(const Engine& engine) {
  const std::vector<std::string> features = cpu_features();
  const bool cpu = std::any_of(features.begin(), features.end(), [](const std::string& feature) {
    return feature == "avx512_bf16" || feature == "amx_bf16" || feature == "bf16";
  });
  return engine.supports(Precision::kBF16) && (cpu || engine.on_gpu());
}

// Pseudo-random numbers between -1 and 1.
Tensor waves(Shape shape, float step) {
  Tensor t = Tensor::zeros(std::move(shape));
  for (std::int64_t i = 0; i < t.size(); ++i)
    t.mutable_floats()[i] = std::sin(step * static_cast<float>(i * i % 7919));
  return t;
}

// The kinds of products that models consist of.
CompileRequest small_products() {
  constexpr std::int64_t kRows = 83, kInner = 256, kOuter = 384;
  CompileRequest request;
  request.model = "check of bfloat16";
  request.weights = std::make_shared<const WeightFile>(
      request.model, WeightFile::Tensors{{"matrix", waves({kOuter, kInner}, 0.37F)},
                                         {"kernel", waves({32, kInner, 3, 3}, 0.53F)}});
  request.function = [](const Scope& root, const std::vector<Value>& in) {
    const Value rows = matmul(in[0], root.weight("matrix", {kOuter, kInner}), true);
    const Value image = reshape(permute(in[0], {0, 2, 1}), {1, kInner, kRows, 1});
    return NamedValues{
        {"matmul", rows},
        {"attention", attention(in[0], in[0], rows, 1.0F / 16)},
        {"conv2d", conv2d(image, root.weight("kernel", {32, kInner, 3, 3}), {}, {1, same_padding(1)})}};
  };
  request.inputs = {{"rows", {1, kRows, kInner}}};
  return request;
}

bool bf16_is_right(Engine& engine) {
  CompileRequest request = small_products();
  const std::vector<Tensor> inputs = {waves(request.inputs[0].shape, 0.71F)};
  const std::vector<Tensor> exact = engine.compile(request)->run(inputs);
  request.precision = Precision::kBF16;
  const std::vector<Tensor> rounded = engine.compile(request)->run(inputs);
  for (std::size_t k = 0; k < exact.size(); ++k) {
    float largest = 0, apart = 0;
    for (std::int64_t i = 0; i < exact[k].size(); ++i) {
      largest = std::max(largest, std::abs(exact[k].floats()[i]));
      const float difference = std::abs(exact[k].floats()[i] - rounded[k].floats()[i]);
      if (!(difference <= apart)) apart = difference;  // what is not a number, too
    }
    constexpr float kAllowed = 0.03F;  // bfloat16 has 8 bits
    if (!(apart <= kAllowed * largest)) return false;
  }
  return true;
}

}  // namespace

Precision choose_precision(PrecisionChoice choice, Engine& engine) {
  if (choice == PrecisionChoice::kF32) return Precision::kF32;
  if (choice == PrecisionChoice::kAuto)
    return computes_in_bf16(engine) && bf16_is_right(engine) ? Precision::kBF16 : Precision::kF32;
  if (!engine.supports(Precision::kBF16))
    fail(ErrorKind::kBadInput, "The engine {} does not compute in bfloat16 here: use --precision f32.",
         engine.name());
  return Precision::kBF16;
}

}  // namespace anomalyvlm::nn

namespace anomalyvlm {

std::string_view to_string(PrecisionChoice precision) {
  return precision == PrecisionChoice::kF32 ? "f32" : precision == PrecisionChoice::kBF16 ? "bf16" : "auto";
}

PrecisionChoice parse_precision(std::string_view name) {
  for (const auto choice : {PrecisionChoice::kF32, PrecisionChoice::kBF16, PrecisionChoice::kAuto})
    if (to_string(choice) == name) return choice;
  fail(ErrorKind::kBadInput, "There is no precision \"{}\"; there are auto, f32 and bf16.", name);
}

}  // namespace anomalyvlm
