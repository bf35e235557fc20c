// Running a model function without computing anything: which weights it asks for, and what it does.
#include "core/digest.h"
#include "nn/backend.h"
#include "nn/scope.h"

namespace anomalyvlm::nn {

namespace {

// Executes nothing: values are shapes, and numbers by which the list of operations refers to them. Weights
// are recorded as they are asked for.
class Tracer : public Backend, public Parameters {
 public:
  explicit Tracer(const std::function<bool(const std::string&)>& optional) : optional_(optional) {}

  ModelSignature signature;

  Value input(const InputSpec& spec) { return Value{this, spec.shape, note("input", spec.name, spec.shape)}; }

  Value get(Backend&, const std::string& name, const Shape& shape) override {
    const auto [place, fresh] = weights_.emplace(name, Value{this, shape, nullptr});
    if (fresh) {
      signature.weights.push_back({name, shape});
      place->second.handle = note("weight", name, shape);
    }
    return Value{this, shape, place->second.handle};
  }
  bool has(const std::string& name) const override { return optional_ && optional_(name); }

  Handle constant(const Tensor& t) override {
    return note("constant", t.shape(), digest_of(t.raw(), t.bytes()));
  }
  Handle unary(Unary op, const Value& x) override { return note("unary", static_cast<int>(op), x); }
  Handle clamp(const Value& x, float low, float high) override { return note("clamp", x, low, high); }
  Handle binary(Binary op, const Value& a, const Value& b) override {
    return note("binary", static_cast<int>(op), a, b);
  }
  Handle matmul(const Value& a, const Value& b, bool transpose_b) override {
    return note("matmul", a, b, transpose_b);
  }
  Handle attention(const Value& q, const Value& k, const Value& v, float scale, const Value& bias) override {
    return note("attention", q, k, v, scale, bias);
  }
  Handle conv2d(const Value& x, const Value& weight, const Value& bias, const ConvSpec& s) override {
    return note("conv2d", x, weight, bias, s.stride, s.padding, s.dilation, s.groups);
  }
  Handle conv_transpose2d(const Value& x, const Value& weight, const Value& bias,
                          std::int64_t stride) override {
    return note("conv_transpose2d", x, weight, bias, stride);
  }
  Handle max_pool2d(const Value& x, const PoolSpec& s) override {
    return note("max_pool2d", x, s.kernel, s.stride, s.padding);
  }
  Handle avg_pool2d(const Value& x, const PoolSpec& s) override {
    return note("avg_pool2d", x, s.kernel, s.stride, s.padding);
  }
  Handle layer_norm(const Value& x, const Value& weight, const Value& bias, float eps) override {
    return note("layer_norm", x, weight, bias, eps);
  }
  Handle batch_norm(const Value& x, const BatchNorm& n, float eps) override {
    return note("batch_norm", x, n.weight, n.bias, n.mean, n.variance, eps);
  }
  Handle group_norm(const Value& x, std::int64_t groups, const Value& weight, const Value& bias,
                    float eps) override {
    return note("group_norm", x, groups, weight, bias, eps);
  }
  Handle softmax(const Value& x, int axis) override { return note("softmax", x, axis); }
  Handle reshape(const Value& x, const Shape& shape) override { return note("reshape", x, shape); }
  Handle permute(const Value& x, const std::vector<int>& order) override { return note("permute", x, order); }
  Handle slice(const Value& x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step) override {
    return note("slice", x, axis, begin, end, step);
  }
  Handle concat(const std::vector<Value>& values, int axis) override {
    for (const Value& v : values) note("part", v);
    return note("concat", axis);
  }
  Handle pad(const Value& x, int axis, std::int64_t before, std::int64_t after, float value) override {
    return note("pad", x, axis, before, after, value);
  }
  Handle roll(const Value& x, int axis, std::int64_t shift) override { return note("roll", x, axis, shift); }
  Handle gather(const Value& x, int axis, const std::vector<std::int64_t>& indices) override {
    return note("gather", x, axis, indices);
  }
  Handle broadcast_to(const Value& x, const Shape& shape) override { return note("broadcast_to", x, shape); }
  Handle resize_bilinear(const Value& x, std::int64_t height, std::int64_t width) override {
    return note("resize_bilinear", x, height, width);
  }
  Handle reduce(Reduce op, const Value& x, const std::vector<int>& axes, bool keep) override {
    return note("reduce", static_cast<int>(op), x, axes, keep);
  }
  Handle neighbour_distance(const Value& x, const std::vector<Neighbourhood>& neighbourhoods) override {
    for (const Neighbourhood& n : neighbourhoods) note("neighbourhood", n.nearest, n.radius);
    return note("neighbour_distance", x);
  }
  Handle deformable_attention(const Value& value, const std::vector<Extent>& maps, const Value& reference,
                              const Value& offsets, const Value& weights) override {
    for (const Extent& map : maps) note("map", map.height, map.width);
    return note("deformable_attention", value, reference, offsets, weights);
  }
  void tap(std::string_view name, const Value& x) override {
    note("tap", name, x);
    signature.taps.push_back({std::string(name), x.shape});
  }

  void output(const std::string& name, const Value& x) {
    note("output", name, x);
    signature.outputs.push_back({name, x.shape});
  }

 private:
  // One line of the list: "12 matmul 3 11 true".
  template <typename... Args>
  Handle note(std::string_view operation, const Args&... args) {
    signature.graph += fmt::format("{} {}", lines_, operation);
    ((signature.graph += ' ', append(args)), ...);
    signature.graph += '\n';
    return std::make_shared<const int>(lines_++);
  }
  template <typename T>
  void append(const T& value) {
    signature.graph += fmt::format("{}", value);
  }
  template <typename T>
  void append(const std::vector<T>& values) {
    signature.graph += fmt::format("[{}]", fmt::join(values, ","));
  }
  void append(const Value& x) {
    signature.graph += x.defined() ? std::to_string(*static_cast<const int*>(x.handle.get())) : "none";
  }
  void append(const Padding& p) {
    signature.graph += fmt::format("{},{},{},{}", p.top, p.left, p.bottom, p.right);
  }

  const std::function<bool(const std::string&)>& optional_;
  std::map<std::string, Value> weights_;
  int lines_ = 0;
};

}  // namespace

ModelSignature trace_signature(const ModelFunction& model, const std::vector<InputSpec>& inputs,
                               const std::function<bool(const std::string&)>& optional) {
  Tracer tracer(optional);
  std::vector<Value> values;
  for (const InputSpec& input : inputs) values.push_back(tracer.input(input));
  for (const auto& [name, value] : model(Scope(tracer, tracer), values)) tracer.output(name, value);
  return std::move(tracer.signature);
}

}  // namespace anomalyvlm::nn
