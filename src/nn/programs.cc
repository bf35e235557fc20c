#include "nn/programs.h"

namespace anomalyvlm::nn {

std::shared_ptr<const Program> Programs::get(CompileRequest request, Precision precision) {
  std::string key = request.model + (precision == Precision::kBF16 ? ", bfloat16" : "");
  for (const InputSpec& input : request.inputs) key += ", " + input.name + to_string(input.shape);
  const std::lock_guard lock(mutex_);
  if (std::shared_ptr<const Program> found = recent_.find(key)) return found;
  std::shared_ptr<const Program> program = compile(std::move(request), precision);
  recent_.add(std::move(key), program);
  return program;
}

std::shared_ptr<const Program> Programs::make(CompileRequest request, Precision precision) const {
  return compile(std::move(request), precision);
}

std::shared_ptr<const Program> Programs::compile(CompileRequest request, Precision precision) const {
  request.weights = weights_;
  request.precision = precision;
  return engine_->compile(request);
}

}  // namespace anomalyvlm::nn
