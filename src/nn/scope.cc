#include "nn/scope.h"

#include "nn/backend.h"

namespace anomalyvlm::nn {

Value FileParameters::get(Backend& backend, const std::string& name, const Shape& shape) {
  const auto given = given_.find(name);
  if (given != given_.end()) return given->second;
  const Tensor& tensor = file_->at(name);
  if (tensor.shape() != shape)
    fail(ErrorKind::kBadModel, "{}: tensor {} has the shape {}, not {}; the file belongs to another model.",
         file_->source(), name, to_string(tensor.shape()), to_string(shape));
  Value value{&backend, shape, backend.constant(tensor.to_f32())};
  given_.emplace(name, value);
  return value;
}

void require_weights(const WeightFile& file, std::string_view model, const ModelSignature& signature) {
  static const std::vector<std::string> others = {"*"};
  check_names(file, model, signature.weights, others);
}

}  // namespace anomalyvlm::nn
