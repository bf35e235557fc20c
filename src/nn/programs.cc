#include "nn/programs.h"

namespace anomalyvlm::nn {

std::shared_ptr<const Program> Programs::get(CompileRequest request, Precision precision) {
  std::string key = request.model + (precision == Precision::kBF16 ? ", bfloat16" : "");
  for (const InputSpec& input : request.inputs) key += ", " + input.name + to_string(input.shape);
  const std::lock_guard lock(mutex_);
  if (std::shared_ptr<const Program> found = recent_.find(key)) return found;
  request.weights = weights_;
  request.precision = precision;
  std::shared_ptr<const Program> program = engine_->compile(request);
  recent_.add(std::move(key), program);
  return program;
}

}  // namespace anomalyvlm::nn
