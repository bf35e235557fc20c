#include "nn/scope.h"

#include <algorithm>
#include <iterator>

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

bool is_wanted(std::string_view name, const std::vector<std::string>& wanted) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const std::string& w) { return w == "*" || w == name; });
}

std::vector<InputSpec> output_specs(const ModelSignature& signature, const std::vector<std::string>& taps) {
  std::vector<std::string> tapped;
  for (const InputSpec& tap : signature.taps) tapped.push_back(tap.name);
  for (const std::string& wanted : taps)
    if (wanted != "*" && std::find(tapped.begin(), tapped.end(), wanted) == tapped.end())
      fail(ErrorKind::kBadInput, "The model has no intermediate result \"{}\"; it has {}.", wanted,
           fmt::join(tapped, ", "));
  std::vector<InputSpec> specs = signature.outputs;
  std::copy_if(signature.taps.begin(), signature.taps.end(), std::back_inserter(specs),
               [&](const InputSpec& tap) { return is_wanted(tap.name, taps); });
  return specs;
}

std::vector<std::string> output_names(const ModelSignature& signature, const std::vector<std::string>& taps) {
  std::vector<std::string> names;
  for (const InputSpec& output : output_specs(signature, taps)) names.push_back(output.name);
  return names;
}

void require_weights(const WeightFile& file, std::string_view model, const ModelSignature& signature) {
  static const std::vector<std::string> others = {"*"};
  check_names(file, model, signature.weights, others);
}

}  // namespace anomalyvlm::nn
