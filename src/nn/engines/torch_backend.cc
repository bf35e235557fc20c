// Only ATen is included here: torch/torch.h costs many seconds a file and nothing of it is needed.
#include "nn/engines/torch_backend.h"

#include <ATen/core/grad_mode.h>

#include <cstring>
#include <limits>
#include <map>

#include "kernels/saliency/saliency.h"

namespace anomalyvlm::nn {
namespace {

std::shared_ptr<const void> wrap(at::Tensor tensor) {
  return std::make_shared<const at::Tensor>(std::move(tensor));
}
const at::Tensor& get(const Value& value) { return *static_cast<const at::Tensor*>(value.handle.get()); }
c10::optional<at::Tensor> maybe(const Value& value) {
  return value.defined() ? c10::optional<at::Tensor>(get(value)) : c10::nullopt;
}

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
  return wrap(at::matmul(get(a), transpose_b ? get(b).transpose(-1, -2) : get(b)));
}

Backend::Handle TorchBackend::attention(const Value& q, const Value& k, const Value& v, float scale,
                                        const Value& bias) {
  at::Tensor scores = at::matmul(get(q) * scale, get(k).transpose(-1, -2));
  if (bias.defined()) scores = scores + get(bias);
  return wrap(at::matmul(at::softmax(scores, -1), get(v)));
}

Backend::Handle TorchBackend::conv2d(const Value& x, const Value& weight, const Value& bias,
                                     const ConvSpec& spec) {
  const Padding& p = spec.padding;
  const at::Tensor input = even(p) ? get(x) : pad_by_hand(get(x), p, 0);
  const std::vector<std::int64_t> padding =
      even(p) ? std::vector<std::int64_t>{p.top, p.left} : std::vector<std::int64_t>{0, 0};
  return wrap(at::conv2d(input, get(weight), maybe(bias), {spec.stride, spec.stride}, padding,
                         {spec.dilation, spec.dilation}, spec.groups));
}

Backend::Handle TorchBackend::conv_transpose2d(const Value& x, const Value& weight, const Value& bias,
                                               std::int64_t stride) {
  return wrap(at::conv_transpose2d(get(x), get(weight), maybe(bias), {stride, stride}));
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
  return wrap(at::layer_norm(get(x), {x.dim(-1)}, get(weight), get(bias), eps));
}

Backend::Handle TorchBackend::batch_norm(const Value& x, const BatchNorm& norm, float eps) {
  return wrap(at::batch_norm(get(x), get(norm.weight), get(norm.bias), get(norm.mean), get(norm.variance),
                             /*training=*/false, 0.0, eps, false));
}

Backend::Handle TorchBackend::group_norm(const Value& x, std::int64_t groups, const Value& weight,
                                         const Value& bias, float eps) {
  return wrap(at::group_norm(get(x), groups, get(weight), get(bias), eps, /*cudnn_enabled=*/false));
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

namespace {

// 1 where two cells of a grid are at most `radius` apart in both directions, [H * W, H * W].
at::Tensor close_cells(std::int64_t height, std::int64_t width, int radius, const at::Device& device) {
  const at::Tensor cells = at::arange(height * width, at::TensorOptions(at::kLong).device(device));
  const at::Tensor y = at::div(cells, width, "floor"), x = at::remainder(cells, width);
  const auto apart = [&](const at::Tensor& v) { return at::abs(v.unsqueeze(0) - v.unsqueeze(1)) <= radius; };
  return at::logical_and(apart(y), apart(x));
}

at::Tensor neighbour_distance_on_cpu(const at::Tensor& x, const std::vector<Neighbourhood>& neighbourhoods) {
  const at::Tensor features = x.detach().contiguous();
  const auto channels = static_cast<int>(features.size(1)), height = static_cast<int>(features.size(2)),
             width = static_cast<int>(features.size(3));
  std::vector<NeighbourQuery> queries;
  for (const Neighbourhood& n : neighbourhoods) queries.push_back({n.nearest, n.radius});
  at::Tensor out =
      at::empty({features.size(0), static_cast<std::int64_t>(queries.size()), height, width}, at::kFloat);
  for (std::int64_t b = 0; b < features.size(0); ++b)
    anomalyvlm::neighbour_distance(features[b].data_ptr<float>(), channels, height, width, queries,
                                   out[b].data_ptr<float>());
  return out;
}

}  // namespace

Backend::Handle TorchBackend::neighbour_distance(const Value& x,
                                                 const std::vector<Neighbourhood>& neighbourhoods) {
  const at::NoGradGuard no_gradients;
  if (!device_.is_cuda()) return wrap(neighbour_distance_on_cpu(get(x), neighbourhoods));
  const c10::impl::ExcludeDispatchKeyGuard exact(c10::autocast_dispatch_keyset);  // near 1 bfloat16 is coarse
  const at::Tensor features = get(x).detach().flatten(2).to(at::kFloat);
  const at::Tensor unit = features / at::clamp_min(features.norm(2, 1, true), 1e-12);
  const at::Tensor similarity = at::matmul(unit.transpose(1, 2), unit);
  std::map<int, at::Tensor> most_similar;  // by radius: of each location, falling
  for (const Neighbourhood& n : neighbourhoods) {
    std::int64_t most = 0;
    for (const Neighbourhood& other : neighbourhoods)
      if (other.radius == n.radius) most = std::max<std::int64_t>(most, other.nearest);
    if (most_similar.count(n.radius) != 0) continue;
    const at::Tensor close = close_cells(x.dim(2), x.dim(3), n.radius, device_);
    const at::Tensor others = similarity.masked_fill(close, -std::numeric_limits<float>::infinity());
    most_similar[n.radius] = std::get<0>(at::topk(others, std::min(most, x.dim(2) * x.dim(3)), -1));
  }
  std::vector<at::Tensor> maps;
  for (const Neighbourhood& n : neighbourhoods) {
    const at::Tensor& falling = most_similar.at(n.radius);
    const at::Tensor best = falling.narrow(-1, 0, std::min<std::int64_t>(n.nearest, falling.size(-1)));
    const at::Tensor valid = at::isfinite(best);
    const at::Tensor total = at::sum(at::where(valid, 1 - best, at::zeros_like(best)), {-1}, false);
    maps.push_back(total / at::clamp_min(valid.sum(-1), 1));
  }
  return wrap(at::stack(maps, 1).reshape({x.dim(0), -1, x.dim(2), x.dim(3)}));
}

}  // namespace anomalyvlm::nn
