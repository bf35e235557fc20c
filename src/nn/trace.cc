// Running a model function without computing anything: which weights it asks for, and what it does.
#include <bit>
#include <set>

#include "core/digest.h"
#include "nn/backend.h"
#include "nn/scope.h"

namespace anomalyvlm::nn {

namespace {

// Values are shapes and numbers that stand for how they came about; every operation goes into one digest.
class Tracer : public Backend {
 public:
  std::uint64_t digest() const { return digest_; }
  // A value from outside: an input or a weight.
  Value source(std::string_view name, const Shape& shape) {
    return Value{this, shape, record("source", name, shape)};
  }

  Handle constant(const Tensor& t) override {
    return record("constant", t.shape(), digest_of(t.raw(), t.bytes()));
  }
  Handle unary(Unary op, const Value& x) override { return record("unary", op, x); }
  Handle clamp(const Value& x, float low, float high) override { return record("clamp", x, low, high); }
  Handle binary(Binary op, const Value& a, const Value& b) override { return record("binary", op, a, b); }
  Handle matmul(const Value& a, const Value& b, bool transpose_b) override {
    return record("matmul", a, b, transpose_b);
  }
  Handle attention(const Value& q, const Value& k, const Value& v, float scale, const Value& bias) override {
    return record("attention", q, k, v, scale, bias);
  }
  Handle conv2d(const Value& x, const Value& weight, const Value& bias, const ConvSpec& s) override {
    return record("conv2d", x, weight, bias, s.stride, s.padding, s.dilation, s.groups);
  }
  Handle conv_transpose2d(const Value& x, const Value& weight, const Value& bias,
                          std::int64_t stride) override {
    return record("conv_transpose2d", x, weight, bias, stride);
  }
  Handle max_pool2d(const Value& x, const PoolSpec& s) override {
    return record("max_pool2d", x, s.kernel, s.stride, s.padding);
  }
  Handle avg_pool2d(const Value& x, const PoolSpec& s) override {
    return record("avg_pool2d", x, s.kernel, s.stride, s.padding);
  }
  Handle layer_norm(const Value& x, const Value& weight, const Value& bias, float eps) override {
    return record("layer_norm", x, weight, bias, eps);
  }
  Handle batch_norm(const Value& x, const BatchNorm& n, float eps) override {
    return record("batch_norm", x, n.weight, n.bias, n.mean, n.variance, eps);
  }
  Handle softmax(const Value& x, int axis) override { return record("softmax", x, axis); }
  Handle reshape(const Value& x, const Shape& shape) override { return record("reshape", x, shape); }
  Handle permute(const Value& x, const std::vector<int>& order) override {
    return record("permute", x, order);
  }
  Handle slice(const Value& x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step) override {
    return record("slice", x, axis, begin, end, step);
  }
  Handle concat(const std::vector<Value>& values, int axis) override {
    return record("concat", values, axis);
  }
  Handle pad(const Value& x, int axis, std::int64_t before, std::int64_t after, float value) override {
    return record("pad", x, axis, before, after, value);
  }
  Handle roll(const Value& x, int axis, std::int64_t shift) override {
    return record("roll", x, axis, shift);
  }
  Handle gather(const Value& x, int axis, const std::vector<std::int64_t>& indices) override {
    return record("gather", x, axis, indices);
  }
  Handle broadcast_to(const Value& x, const Shape& shape) override {
    return record("broadcast_to", x, shape);
  }
  Handle resize_bilinear(const Value& x, std::int64_t height, std::int64_t width) override {
    return record("resize_bilinear", x, height, width);
  }
  Handle reduce(Reduce op, const Value& x, const std::vector<int>& axes, bool keep) override {
    return record("reduce", op, x, axes, keep);
  }
  Handle neighbour_distance(const Value& x, const std::vector<Neighbourhood>& neighbourhoods) override {
    return record("neighbour_distance", x, neighbourhoods);
  }
  void tap(std::string_view name, const Value& x) override { record("tap", name, x); }

 private:
  using Number = std::uint64_t;

  template <typename... Parts>
  Handle record(std::string_view operation, const Parts&... parts) {
    add(operation);
    (add(parts), ...);
    return std::make_shared<const Number>(++count_);
  }

  void add(Number number) { digest_ = mix_digests(digest_, number); }
  template <typename T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  void add(T number) {
    add(static_cast<Number>(number));
  }
  void add(float number) { add(std::bit_cast<std::uint32_t>(number)); }
  void add(std::string_view text) { add(digest_of(text.data(), text.size())); }
  void add(const Value& value) { add(value.defined() ? *static_cast<const Number*>(value.handle.get()) : 0); }
  void add(const Padding& p) { add(p.top), add(p.left), add(p.bottom), add(p.right); }
  void add(const Neighbourhood& n) { add(n.nearest), add(n.radius); }
  template <typename T>
  void add(const std::vector<T>& list) {
    add(list.size());
    for (const T& item : list) add(item);
  }

  Number digest_ = 0, count_ = 0;
};

class NameList : public Parameters {
 public:
  NameList(Tracer& tracer, const std::function<bool(const std::string&)>& optional)
      : tracer_(tracer), optional_(optional) {}
  Value get(Backend&, const std::string& name, const Shape& shape) override {
    if (seen_.insert(name).second) list.push_back({name, shape});
    return tracer_.source(name, shape);
  }
  bool has(const std::string& name) const override { return optional_ && optional_(name); }
  std::vector<ExpectedTensor> list;

 private:
  Tracer& tracer_;
  const std::function<bool(const std::string&)>& optional_;
  std::set<std::string> seen_;
};

}  // namespace

ModelSignature trace_signature(const ModelFunction& model, const std::vector<InputSpec>& inputs,
                               const std::function<bool(const std::string&)>& optional) {
  Tracer tracer;
  NameList names(tracer, optional);
  std::vector<Value> values;
  for (const InputSpec& input : inputs) values.push_back(tracer.source(input.name, input.shape));
  ModelSignature signature;
  for (const auto& [name, value] : model(Scope(tracer, names), values)) {
    signature.outputs.push_back({name, value.shape});
    tracer.tap(name, value);
  }
  signature.weights = std::move(names.list);
  signature.digest = tracer.digest();
  return signature;
}

}  // namespace anomalyvlm::nn
