// Only ATen is included here: torch/torch.h costs many seconds a file and nothing of it is needed.
#include "nn/engines/torch_backend.h"

#include <ATen/core/grad_mode.h>

#include <cstring>
#include <limits>

#include "nn/engines/torch_kernels.h"

namespace anomalyvlm::nn {
namespace {

std::shared_ptr<const void> wrap(at::Tensor tensor) {
  return std::make_shared<const at::Tensor>(std::move(tensor));
}
const at::Tensor& get(const Value& value) { return *static_cast<const at::Tensor*>(value.handle.get()); }

// torch pads evenly only; what is uneven is padded beforehand.
bool even(const Padding& p) { return p.top == p.bottom && p.left == p.right; }
at::Tensor pad_by_hand(const at::Tensor& x, const Padding& p, double value) {
  return at::constant_pad_nd(x, {p.left, p.right, p.top, p.bottom}, value);
}

}  // namespace

const at::Tensor& torch_tensor(const Value& value) { return get(value); }

at::Tensor to_torch(const Tensor& float32, const at::Device& device) {
  const Tensor source = float32.to_f32();
  at::Tensor copy = at::empty(source.shape(), at::kFloat);
  std::memcpy(copy.data_ptr<float>(), source.raw(), source.bytes());
  return copy.to(device);
}

Tensor from_torch(const at::Tensor& tensor) {
  const at::Tensor host = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  const float* data = host.data_ptr<float>();
  return Tensor::from<float>(host.sizes().vec(), std::vector<float>(data, data + host.numel()));
}

Value TorchBackend::value(at::Tensor tensor) {
  Shape shape = tensor.sizes().vec();
  return Value{this, std::move(shape), wrap(std::move(tensor))};
}

at::Tensor TorchBackend::factor(const Value& x) const { return get(x).to(factors_); }

Backend::Handle TorchBackend::constant(const Tensor& float32) {
  // A scalar is filled in where it is needed: copied there, it would wait for all that the device has to do.
  if (float32.rank() == 0)
    return wrap(at::full({}, float32.to_f32().floats()[0], at::TensorOptions(at::kFloat).device(device_)));
  return wrap(to_torch(float32, device_));
}

Backend::Handle TorchBackend::unary(Unary op, const Value& x) {
  const at::Tensor& t = get(x);
  switch (op) {
    case Unary::kRelu:
      return wrap(at::relu(t));
    case Unary::kGelu:
      return wrap(at::gelu(t));
    case Unary::kSigmoid:
      return wrap(at::sigmoid(t));
    case Unary::kTanh:
      return wrap(at::tanh(t));
    case Unary::kExp:
      return wrap(at::exp(t));
    case Unary::kLog:
      return wrap(at::log(t));
    case Unary::kSqrt:
      return wrap(at::sqrt(t));
    case Unary::kSin:
      return wrap(at::sin(t));
    case Unary::kCos:
      return wrap(at::cos(t));
    case Unary::kAbs:
      return wrap(at::abs(t));
    case Unary::kNegative:
      return wrap(at::neg(t));
  }
  return {};
}

Backend::Handle TorchBackend::clamp(const Value& x, float low, float high) {
  return wrap(at::hardtanh(get(x), low, high));
}

Backend::Handle TorchBackend::binary(Binary op, const Value& a, const Value& b) {
  switch (op) {
    case Binary::kAdd:
      return wrap(at::add(get(a), get(b)));
    case Binary::kSubtract:
      return wrap(at::sub(get(a), get(b)));
    case Binary::kMultiply:
      return wrap(at::mul(get(a), get(b)));
    case Binary::kDivide:
      return wrap(at::div(get(a), get(b)));
    case Binary::kMaximum:
      return wrap(at::maximum(get(a), get(b)));
    case Binary::kMinimum:
      return wrap(at::minimum(get(a), get(b)));
  }
  return {};
}

Backend::Handle TorchBackend::matmul(const Value& a, const Value& b, bool transpose_b) {
  return wrap(at::matmul(factor(a), transpose_b ? factor(b).transpose(-1, -2) : factor(b)));
}

Backend::Handle TorchBackend::attention(const Value& q, const Value& k, const Value& v, float scale,
                                        const Value& bias) {
  at::Tensor scores = at::matmul(factor(q) * scale, factor(k).transpose(-1, -2));
  if (bias.defined()) scores = scores + get(bias);
  return wrap(at::matmul(at::softmax(scores, -1).to(factors_), factor(v)));
}

Backend::Handle TorchBackend::conv2d(const Value& x, const Value& weight, const Value& bias,
                                     const ConvSpec& spec) {
  const Padding& p = spec.padding;
  const at::Tensor input = even(p) ? factor(x) : pad_by_hand(factor(x), p, 0);
  const std::vector<std::int64_t> padding =
      even(p) ? std::vector<std::int64_t>{p.top, p.left} : std::vector<std::int64_t>{0, 0};
  return wrap(at::conv2d(input, factor(weight),
                         bias.defined() ? c10::optional<at::Tensor>(factor(bias)) : c10::nullopt,
                         {spec.stride, spec.stride}, padding, {spec.dilation, spec.dilation}, spec.groups));
}

Backend::Handle TorchBackend::conv_transpose2d(const Value& x, const Value& weight, const Value& bias,
                                               std::int64_t stride) {
  return wrap(at::conv_transpose2d(factor(x), factor(weight),
                                   bias.defined() ? c10::optional<at::Tensor>(factor(bias)) : c10::nullopt,
                                   {stride, stride}));
}

Backend::Handle TorchBackend::max_pool2d(const Value& x, const PoolSpec& spec) {
  const at::Tensor input = pad_by_hand(get(x), spec.padding, -std::numeric_limits<double>::infinity());
  return wrap(at::max_pool2d(input, {spec.kernel, spec.kernel}, {spec.stride, spec.stride}));
}

Backend::Handle TorchBackend::avg_pool2d(const Value& x, const PoolSpec& spec) {
  const at::Tensor input = pad_by_hand(get(x), spec.padding, 0);
  return wrap(at::avg_pool2d(input, {spec.kernel, spec.kernel}, {spec.stride, spec.stride}));
}

Backend::Handle TorchBackend::layer_norm(const Value& x, const Value& weight, const Value& bias, float eps) {
  return wrap(at::layer_norm(get(x).to(at::kFloat), {x.dim(-1)}, get(weight), get(bias), eps));
}

Backend::Handle TorchBackend::batch_norm(const Value& x, const BatchNorm& norm, float eps) {
  return wrap(at::batch_norm(get(x).to(at::kFloat), get(norm.weight), get(norm.bias), get(norm.mean),
                             get(norm.variance),
                             /*training=*/false, 0.0, eps, false));
}

Backend::Handle TorchBackend::group_norm(const Value& x, std::int64_t groups, const Value& weight,
                                         const Value& bias, float eps) {
  return wrap(
      at::group_norm(get(x).to(at::kFloat), groups, get(weight), get(bias), eps, /*cudnn_enabled=*/false));
}

Backend::Handle TorchBackend::softmax(const Value& x, int axis) { return wrap(at::softmax(get(x), axis)); }

Backend::Handle TorchBackend::reshape(const Value& x, const Shape& shape) {
  return wrap(get(x).reshape(shape));
}

Backend::Handle TorchBackend::permute(const Value& x, const std::vector<int>& order) {
  return wrap(get(x).permute(std::vector<std::int64_t>(order.begin(), order.end())));
}

Backend::Handle TorchBackend::slice(const Value& x, int axis, std::int64_t begin, std::int64_t end,
                                    std::int64_t step) {
  return wrap(at::slice(get(x), axis, begin, end, step));
}

Backend::Handle TorchBackend::concat(const std::vector<Value>& values, int axis) {
  std::vector<at::Tensor> tensors;
  for (const Value& v : values) tensors.push_back(get(v));
  return wrap(at::cat(tensors, axis));
}

Backend::Handle TorchBackend::pad(const Value& x, int axis, std::int64_t before, std::int64_t after,
                                  float value) {
  std::vector<std::int64_t> amounts(2 * static_cast<std::size_t>(x.rank() - axis), 0);
  amounts[amounts.size() - 2] = before;
  amounts[amounts.size() - 1] = after;
  return wrap(at::constant_pad_nd(get(x), amounts, value));
}

Backend::Handle TorchBackend::roll(const Value& x, int axis, std::int64_t shift) {
  return wrap(at::roll(get(x), {shift}, {axis}));
}

Backend::Handle TorchBackend::gather(const Value& x, int axis, const std::vector<std::int64_t>& indices) {
  const at::Tensor index = at::tensor(indices, at::kLong).to(device_);
  return wrap(at::index_select(get(x), axis, index));
}

Backend::Handle TorchBackend::broadcast_to(const Value& x, const Shape& shape) {
  return wrap(get(x).expand(shape));
}

Backend::Handle TorchBackend::resize_bilinear(const Value& x, std::int64_t height, std::int64_t width) {
  const std::vector<std::int64_t> size = {height, width};
  return wrap(at::upsample_bilinear2d(get(x), size, /*align_corners=*/false));
}

Backend::Handle TorchBackend::reduce(Reduce op, const Value& x, const std::vector<int>& axes, bool keep) {
  const std::vector<std::int64_t> dims(axes.begin(), axes.end());
  switch (op) {
    case Reduce::kSum:
      return wrap(at::sum(get(x), dims, keep));
    case Reduce::kMean:
      return wrap(at::mean(get(x), dims, keep));
    case Reduce::kMax:
      return wrap(at::amax(get(x), dims, keep));
    case Reduce::kMin:
      return wrap(at::amin(get(x), dims, keep));
  }
  return {};
}

Backend::Handle TorchBackend::neighbour_distance(const Value& x,
                                                 const std::vector<Neighbourhood>& neighbourhoods) {
  return wrap(torch_neighbour_distance(get(x), neighbourhoods));
}

Backend::Handle TorchBackend::deformable_attention(const Value& value, const std::vector<Extent>& maps,
                                                   const Value& reference, const Value& offsets,
                                                   const Value& weights) {
  return wrap(torch_deformable_attention(get(value), maps, get(reference), get(offsets), get(weights)));
}

}  // namespace anomalyvlm::nn
