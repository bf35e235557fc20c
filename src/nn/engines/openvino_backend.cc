#include "nn/engines/openvino_backend.h"

#include <openvino/op/ops.hpp>

#include "nn/engines/openvino_kernels.h"

namespace anomalyvlm::nn {
namespace {

using Node = ov::Output<ov::Node>;
using Handle = Backend::Handle;

Handle wrap(const Node& node) { return std::make_shared<const Node>(node); }

template <typename Op, typename... Args>
Node make(Args&&... args) {
  return std::make_shared<Op>(std::forward<Args>(args)...)->output(0);
}

const Node& get(const Value& value) { return *static_cast<const Node*>(value.handle.get()); }

ov::Shape to_ov(const Shape& shape) { return {shape.begin(), shape.end()}; }

Node integers(const std::vector<std::int64_t>& values) {
  return ov::op::v0::Constant::create(ov::element::i64, {values.size()}, values)->output(0);
}

Node scalar(float value) { return ov::op::v0::Constant::create(ov::element::f32, {}, {value})->output(0); }

std::vector<std::int64_t> wide(const std::vector<int>& values) { return {values.begin(), values.end()}; }

ov::Strides both(std::int64_t value) {
  return {static_cast<std::size_t>(value), static_cast<std::size_t>(value)};
}

// [C] -> [1, C, 1, 1, ...] for a value of the given rank.
Node along_channels(const Node& vector, int rank) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(rank), 1);
  shape[1] = -1;
  return make<ov::op::v1::Reshape>(vector, integers(shape), false);
}

// With leading extents of 1. Where OpenVINO fuses attention into one kernel, it reads tensors that broadcast
// by rank alone beyond their end.
Node of_rank(const Value& x, int rank) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(rank - x.rank()), 1);
  shape.insert(shape.end(), x.shape.begin(), x.shape.end());
  return x.rank() == rank ? get(x) : make<ov::op::v1::Reshape>(get(x), integers(shape), false);
}

Node with_bias(const Node& x, const Value& bias, int rank) {
  return bias.defined() ? make<ov::op::v1::Add>(x, along_channels(get(bias), rank)) : x;
}

}  // namespace

Value OpenVinoBackend::input(const InputSpec& spec) {
  auto parameter = std::make_shared<ov::op::v0::Parameter>(ov::element::f32, to_ov(spec.shape));
  parameter->set_friendly_name(spec.name);
  parameters_.push_back(parameter);
  return Value{this, spec.shape, wrap(parameter->output(0))};
}

std::shared_ptr<ov::Model> OpenVinoBackend::finish(const NamedValues& outputs, const std::string& name) {
  ov::ResultVector results;
  NamedValues all = outputs;
  all.insert(all.end(), tapped_.begin(), tapped_.end());
  for (const auto& [output, value] : all) {
    results.push_back(std::make_shared<ov::op::v0::Result>(get(value)));
    results.back()->set_friendly_name(output);
  }
  return std::make_shared<ov::Model>(results, parameters_, name);
}

void OpenVinoBackend::tap(std::string_view name, const Value& x) {
  if (is_wanted(name, wanted_)) tapped_.emplace_back(name, x);
}

Handle OpenVinoBackend::constant(const Tensor& float32) {
  // The graph reads the tensor's own memory (a mapped file, often), which it keeps alive.
  return wrap(make<ov::op::v0::Constant>(ov::element::f32, to_ov(float32.shape()), float32.raw(),
                                         std::static_pointer_cast<void>(std::make_shared<Tensor>(float32))));
}

Handle OpenVinoBackend::unary(Unary op, const Value& x) {
  const Node& n = get(x);
  switch (op) {
    case Unary::kRelu:
      return wrap(make<ov::op::v0::Relu>(n));
    case Unary::kGelu:
      return wrap(make<ov::op::v7::Gelu>(n, ov::op::GeluApproximationMode::ERF));
    case Unary::kSigmoid:
      return wrap(make<ov::op::v0::Sigmoid>(n));
    case Unary::kTanh:
      return wrap(make<ov::op::v0::Tanh>(n));
    case Unary::kExp:
      return wrap(make<ov::op::v0::Exp>(n));
    case Unary::kLog:
      return wrap(make<ov::op::v0::Log>(n));
    case Unary::kSqrt:
      return wrap(make<ov::op::v0::Sqrt>(n));
    case Unary::kSin:
      return wrap(make<ov::op::v0::Sin>(n));
    case Unary::kCos:
      return wrap(make<ov::op::v0::Cos>(n));
    case Unary::kAbs:
      return wrap(make<ov::op::v0::Abs>(n));
    case Unary::kNegative:
      return wrap(make<ov::op::v0::Negative>(n));
  }
  return {};
}

Handle OpenVinoBackend::clamp(const Value& x, float low, float high) {
  return wrap(make<ov::op::v0::Clamp>(get(x), low, high));
}

Handle OpenVinoBackend::binary(Binary op, const Value& a, const Value& b) {
  switch (op) {
    case Binary::kAdd:
      return wrap(make<ov::op::v1::Add>(get(a), get(b)));
    case Binary::kSubtract:
      return wrap(make<ov::op::v1::Subtract>(get(a), get(b)));
    case Binary::kMultiply:
      return wrap(make<ov::op::v1::Multiply>(get(a), get(b)));
    case Binary::kDivide:
      return wrap(make<ov::op::v1::Divide>(get(a), get(b)));
    case Binary::kMaximum:
      return wrap(make<ov::op::v1::Maximum>(get(a), get(b)));
    case Binary::kMinimum:
      return wrap(make<ov::op::v1::Minimum>(get(a), get(b)));
  }
  return {};
}

Handle OpenVinoBackend::matmul(const Value& a, const Value& b, bool transpose_b) {
  return wrap(make<ov::op::v0::MatMul>(get(a), get(b), false, transpose_b));
}

Handle OpenVinoBackend::attention(const Value& q, const Value& k, const Value& v, float scale,
                                  const Value& bias) {
  Node scores =
      make<ov::op::v0::MatMul>(make<ov::op::v1::Multiply>(get(q), scalar(scale)), get(k), false, true);
  if (bias.defined()) scores = make<ov::op::v1::Add>(scores, of_rank(bias, q.rank()));
  return wrap(make<ov::op::v0::MatMul>(make<ov::op::v8::Softmax>(scores, -1), get(v)));
}

Handle OpenVinoBackend::conv2d(const Value& x, const Value& weight, const Value& bias, const ConvSpec& spec) {
  const Padding& p = spec.padding;
  const ov::CoordinateDiff begin = {p.top, p.left}, end = {p.bottom, p.right};
  const ov::Strides stride = both(spec.stride), dilation = both(spec.dilation);
  if (spec.groups == 1)
    return wrap(with_bias(make<ov::op::v1::Convolution>(get(x), get(weight), stride, begin, end, dilation),
                          bias, x.rank()));
  const Shape& w = weight.shape;
  const Node grouped = make<ov::op::v1::Reshape>(
      get(weight), integers({spec.groups, w[0] / spec.groups, w[1], w[2], w[3]}), false);
  return wrap(with_bias(make<ov::op::v1::GroupConvolution>(get(x), grouped, stride, begin, end, dilation),
                        bias, x.rank()));
}

Handle OpenVinoBackend::conv_transpose2d(const Value& x, const Value& weight, const Value& bias,
                                         std::int64_t stride) {
  const ov::CoordinateDiff none = {0, 0};
  return wrap(with_bias(
      make<ov::op::v1::ConvolutionBackpropData>(get(x), get(weight), both(stride), none, none, both(1)), bias,
      x.rank()));
}

Handle OpenVinoBackend::max_pool2d(const Value& x, const PoolSpec& spec) {
  const auto k = static_cast<std::size_t>(spec.kernel);
  const Padding& p = spec.padding;
  const auto size = [](std::int64_t v) { return static_cast<std::size_t>(v); };
  return wrap(make<ov::op::v1::MaxPool>(get(x), both(spec.stride), ov::Shape{size(p.top), size(p.left)},
                                        ov::Shape{size(p.bottom), size(p.right)}, ov::Shape{k, k}));
}

Handle OpenVinoBackend::avg_pool2d(const Value& x, const PoolSpec& spec) {
  const auto k = static_cast<std::size_t>(spec.kernel);
  const Padding& p = spec.padding;
  const auto size = [](std::int64_t v) { return static_cast<std::size_t>(v); };
  return wrap(make<ov::op::v1::AvgPool>(get(x), both(spec.stride), ov::Shape{size(p.top), size(p.left)},
                                        ov::Shape{size(p.bottom), size(p.right)}, ov::Shape{k, k},
                                        /*exclude_pad=*/false));
}

Handle OpenVinoBackend::layer_norm(const Value& x, const Value& weight, const Value& bias, float eps) {
  const Node normed =
      make<ov::op::v6::MVN>(get(x), integers({-1}), true, eps, ov::op::MVNEpsMode::INSIDE_SQRT);
  return wrap(make<ov::op::v1::Add>(make<ov::op::v1::Multiply>(normed, get(weight)), get(bias)));
}

Handle OpenVinoBackend::batch_norm(const Value& x, const BatchNorm& norm, float eps) {
  return wrap(make<ov::op::v5::BatchNormInference>(get(x), get(norm.weight), get(norm.bias), get(norm.mean),
                                                   get(norm.variance), eps));
}

Handle OpenVinoBackend::group_norm(const Value& x, std::int64_t groups, const Value& weight,
                                   const Value& bias, float eps) {
  const Node runs = make<ov::op::v1::Reshape>(get(x), integers({x.dim(0), groups, -1}), false);
  const Node normed = make<ov::op::v6::MVN>(runs, integers({2}), true, eps, ov::op::MVNEpsMode::INSIDE_SQRT);
  const Node back = make<ov::op::v1::Reshape>(normed, integers(x.shape), false);
  const Node scaled = make<ov::op::v1::Multiply>(back, along_channels(get(weight), x.rank()));
  return wrap(make<ov::op::v1::Add>(scaled, along_channels(get(bias), x.rank())));
}

Handle OpenVinoBackend::softmax(const Value& x, int axis) {
  return wrap(make<ov::op::v8::Softmax>(get(x), static_cast<std::int64_t>(axis)));
}

Handle OpenVinoBackend::reshape(const Value& x, const Shape& shape) {
  return wrap(make<ov::op::v1::Reshape>(get(x), integers(shape), false));
}

Handle OpenVinoBackend::permute(const Value& x, const std::vector<int>& order) {
  return wrap(make<ov::op::v1::Transpose>(get(x), integers(wide(order))));
}

Handle OpenVinoBackend::slice(const Value& x, int axis, std::int64_t begin, std::int64_t end,
                              std::int64_t step) {
  return wrap(make<ov::op::v8::Slice>(get(x), integers({begin}), integers({end}), integers({step}),
                                      integers({axis})));
}

Handle OpenVinoBackend::concat(const std::vector<Value>& values, int axis) {
  ov::OutputVector nodes;
  for (const Value& v : values) nodes.push_back(get(v));
  return wrap(make<ov::op::v0::Concat>(nodes, axis));
}

Handle OpenVinoBackend::pad(const Value& x, int axis, std::int64_t before, std::int64_t after, float value) {
  std::vector<std::int64_t> begin(x.shape.size(), 0), end(x.shape.size(), 0);
  begin[static_cast<std::size_t>(axis)] = before;
  end[static_cast<std::size_t>(axis)] = after;
  return wrap(make<ov::op::v1::Pad>(get(x), integers(begin), integers(end), scalar(value),
                                    ov::op::PadMode::CONSTANT));
}

Handle OpenVinoBackend::roll(const Value& x, int axis, std::int64_t shift) {
  const Value head = nn::slice(x, axis, x.dim(axis) - shift, x.dim(axis));
  return nn::concat({head, nn::slice(x, axis, 0, x.dim(axis) - shift)}, axis).handle;
}

Handle OpenVinoBackend::gather(const Value& x, int axis, const std::vector<std::int64_t>& indices) {
  return wrap(make<ov::op::v8::Gather>(get(x), integers(indices), integers({axis})));
}

Handle OpenVinoBackend::broadcast_to(const Value& x, const Shape& shape) {
  return wrap(make<ov::op::v3::Broadcast>(get(x), integers(shape), ov::op::BroadcastType::BIDIRECTIONAL));
}

Handle OpenVinoBackend::resize_bilinear(const Value& x, std::int64_t height, std::int64_t width) {
  using Interpolate = ov::op::v4::Interpolate;
  Interpolate::InterpolateAttrs attributes;
  attributes.mode = Interpolate::InterpolateMode::LINEAR_ONNX;
  attributes.shape_calculation_mode = Interpolate::ShapeCalcMode::SIZES;
  attributes.coordinate_transformation_mode = Interpolate::CoordinateTransformMode::HALF_PIXEL;
  attributes.pads_begin = attributes.pads_end = {0, 0, 0, 0};
  const auto ratio = [](std::int64_t out, std::int64_t in) {
    return static_cast<float>(static_cast<double>(out) / static_cast<double>(in));
  };
  const auto scales = ov::op::v0::Constant::create(
      ov::element::f32, {2}, std::vector<float>{ratio(height, x.dim(2)), ratio(width, x.dim(3))});
  return wrap(
      make<Interpolate>(get(x), integers({height, width}), scales->output(0), integers({2, 3}), attributes));
}

Handle OpenVinoBackend::reduce(Reduce op, const Value& x, const std::vector<int>& axes, bool keep) {
  const Node over = integers(wide(axes));
  switch (op) {
    case Reduce::kSum:
      return wrap(make<ov::op::v1::ReduceSum>(get(x), over, keep));
    case Reduce::kMean:
      return wrap(make<ov::op::v1::ReduceMean>(get(x), over, keep));
    case Reduce::kMax:
      return wrap(make<ov::op::v1::ReduceMax>(get(x), over, keep));
    case Reduce::kMin:
      return wrap(make<ov::op::v1::ReduceMin>(get(x), over, keep));
  }
  return {};
}

Handle OpenVinoBackend::neighbour_distance(const Value& x, const std::vector<Neighbourhood>& neighbourhoods) {
  return wrap(make<NeighbourDistanceOp>(get(x), neighbourhoods));
}

Handle OpenVinoBackend::deformable_attention(const Value& value, const std::vector<Extent>& maps,
                                             const Value& reference, const Value& offsets,
                                             const Value& weights) {
  return wrap(make<DeformableAttentionOp>(get(value), maps, get(reference), get(offsets), get(weights)));
}

}  // namespace anomalyvlm::nn
