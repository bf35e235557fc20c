#include "nn/scope.h"

#include <set>

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

namespace {

// Carries nothing out: values are shapes alone.
class ShapesOnly : public Backend {
 public:
  Handle constant(const Tensor&) override { return {}; }
  Handle unary(Unary, const Value&) override { return {}; }
  Handle clamp(const Value&, float, float) override { return {}; }
  Handle binary(Binary, const Value&, const Value&) override { return {}; }
  Handle matmul(const Value&, const Value&, bool) override { return {}; }
  Handle attention(const Value&, const Value&, const Value&, float, const Value&) override { return {}; }
  Handle conv2d(const Value&, const Value&, const Value&, const ConvSpec&) override { return {}; }
  Handle conv_transpose2d(const Value&, const Value&, const Value&, std::int64_t) override { return {}; }
  Handle max_pool2d(const Value&, const PoolSpec&) override { return {}; }
  Handle avg_pool2d(const Value&, const PoolSpec&) override { return {}; }
  Handle layer_norm(const Value&, const Value&, const Value&, float) override { return {}; }
  Handle batch_norm(const Value&, const BatchNorm&, float) override { return {}; }
  Handle softmax(const Value&, int) override { return {}; }
  Handle reshape(const Value&, const Shape&) override { return {}; }
  Handle permute(const Value&, const std::vector<int>&) override { return {}; }
  Handle slice(const Value&, int, std::int64_t, std::int64_t, std::int64_t) override { return {}; }
  Handle concat(const std::vector<Value>&, int) override { return {}; }
  Handle pad(const Value&, int, std::int64_t, std::int64_t, float) override { return {}; }
  Handle roll(const Value&, int, std::int64_t) override { return {}; }
  Handle gather(const Value&, int, const std::vector<std::int64_t>&) override { return {}; }
  Handle broadcast_to(const Value&, const Shape&) override { return {}; }
  Handle resize_bilinear(const Value&, std::int64_t, std::int64_t) override { return {}; }
  Handle reduce(Reduce, const Value&, const std::vector<int>&, bool) override { return {}; }
  Handle neighbour_distance(const Value&, const std::vector<Neighbourhood>&) override { return {}; }
};

class NameList : public Parameters {
 public:
  explicit NameList(const std::function<bool(const std::string&)>& optional) : optional_(optional) {}
  Value get(Backend& backend, const std::string& name, const Shape& shape) override {
    if (seen_.insert(name).second) list.push_back({name, shape});
    return Value{&backend, shape, nullptr};
  }
  bool has(const std::string& name) const override { return optional_ && optional_(name); }
  std::vector<ExpectedTensor> list;

 private:
  const std::function<bool(const std::string&)>& optional_;
  std::set<std::string> seen_;
};

}  // namespace

ModelSignature trace_signature(const ModelFunction& model, const std::vector<InputSpec>& inputs,
                               const std::function<bool(const std::string&)>& optional) {
  ShapesOnly backend;
  NameList names(optional);
  std::vector<Value> values;
  for (const InputSpec& input : inputs) values.push_back(Value{&backend, input.shape, nullptr});
  ModelSignature signature;
  for (const auto& [name, value] : model(Scope(backend, names), values))
    signature.outputs.push_back({name, value.shape});
  signature.weights = std::move(names.list);
  return signature;
}

void require_weights(const WeightFile& file, std::string_view model, const ModelSignature& signature) {
  static const std::vector<std::string> others = {"*"};
  check_names(file, model, signature.weights, others);
}

}  // namespace anomalyvlm::nn
