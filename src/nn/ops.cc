// Checks and shape rules of the vocabulary; the work itself is the backend's.
#include "nn/ops.h"

#include <algorithm>
#include <numeric>

#include "nn/backend.h"

namespace anomalyvlm::nn {
namespace {

using Handle = Backend::Handle;

Value result(const Value& like, Shape shape, Handle handle) {
  return Value{like.backend, std::move(shape), std::move(handle)};
}

template <typename... Args>
void require(bool condition, std::string_view op, fmt::format_string<Args...> text, Args&&... args) {
  if (!condition) fail(ErrorKind::kBadModel, "{}: {}.", op, fmt::format(text, std::forward<Args>(args)...));
}

// The backend of a value that must be one.
Backend& of(std::string_view op, const Value& x) {
  require(x.defined(), op, "a value is missing");
  return *x.backend;
}

const char* name_of(Binary op) {
  constexpr const char* kNames[] = {"add", "subtract", "multiply", "divide", "maximum", "minimum"};
  return kNames[static_cast<int>(op)];
}

int axis_of(std::string_view op, const Value& x, int axis) {
  const int positive = axis < 0 ? axis + x.rank() : axis;
  require(positive >= 0 && positive < x.rank(), op, "axis {} of a value of shape {}", axis,
          to_string(x.shape));
  return positive;
}

Shape broadcast(std::string_view op, const Shape& a, const Shape& b) {
  Shape out(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto extent = [&](const Shape& s) { return i < s.size() ? s[s.size() - 1 - i] : std::int64_t{1}; };
    const std::int64_t x = extent(a), y = extent(b);
    require(x == y || x == 1 || y == 1, op, "shapes {} and {} do not broadcast", to_string(a), to_string(b));
    out[out.size() - 1 - i] = std::max(x, y);
  }
  return out;
}

Shape leading(const Shape& shape) { return Shape(shape.begin(), shape.end() - 2); }

void require_image(std::string_view op, const Value& x) {
  require(x.rank() == 4, op, "takes [B, C, H, W], not {}", to_string(x.shape));
}

void require_padding(std::string_view op, const Value& x, const Padding& p) {
  require(p.top >= 0 && p.left >= 0 && p.bottom >= 0 && p.right >= 0, op, "{} padded by {}, {}, {} and {}",
          to_string(x.shape), p.top, p.left, p.bottom, p.right);
}

// How many windows of `window` elements, `stride` apart, there are along an axis.
std::int64_t window_count(std::string_view op, const Value& x, int axis, std::int64_t pads,
                          std::int64_t window, std::int64_t stride) {
  require(window >= 1 && stride >= 1, op, "{} by a window of {} with stride {}", to_string(x.shape), window,
          stride);
  require(x.dim(axis) + pads >= window, op, "a window of {} does not fit into {} with {} of padding", window,
          to_string(x.shape), pads);
  return (x.dim(axis) + pads - window) / stride + 1;
}

Shape pooled_shape(std::string_view op, const Value& x, const PoolSpec& spec) {
  require_image(op, x);
  const Padding& p = spec.padding;
  require_padding(op, x, p);
  require(std::max({p.top, p.left, p.bottom, p.right}) < std::max<std::int64_t>(spec.kernel, 1), op,
          "a window of {} would lie in the padding of {} alone", spec.kernel, to_string(x.shape));
  return {x.dim(0), x.dim(1), window_count(op, x, 2, p.top + p.bottom, spec.kernel, spec.stride),
          window_count(op, x, 3, p.left + p.right, spec.kernel, spec.stride)};
}

void require_vector(std::string_view op, const Value& v, std::int64_t length) {
  require(v.rank() == 1 && v.dim(0) == length, op, "a weight of shape {} where [{}] is needed",
          to_string(v.shape), length);
}

Value nearest_along(const Value& x, int axis, std::int64_t extent) {
  if (x.dim(axis) == extent) return x;
  const float ratio = static_cast<float>(x.dim(axis)) / static_cast<float>(extent);
  std::vector<std::int64_t> elements;
  for (std::int64_t i = 0; i < extent; ++i)
    elements.push_back(std::min(static_cast<std::int64_t>(static_cast<float>(i) * ratio), x.dim(axis) - 1));
  return gather(x, axis, elements);
}

}  // namespace

Value constant(const Value& like, const Tensor& tensor) {
  require(tensor.defined(), "constant", "a tensor is missing");
  return result(like, tensor.shape(), of("constant", like).constant(tensor.to_f32()));
}

Value constant(const Value& like, float scalar) { return constant(like, Tensor::from<float>({}, {scalar})); }

Value unary(Unary op, const Value& x) { return result(x, x.shape, of("unary", x).unary(op, x)); }

Value clamp(const Value& x, float low, float high) {
  require(low <= high, "clamp", "{} to {} .. {}", to_string(x.shape), low, high);
  return result(x, x.shape, of("clamp", x).clamp(x, low, high));
}

Value binary(Binary op, const Value& a, const Value& b) {
  require(a.defined() && b.defined(), name_of(op), "a value is missing");
  return result(a, broadcast(name_of(op), a.shape, b.shape), a.backend->binary(op, a, b));
}

Value matmul(const Value& a, const Value& b, bool transpose_b) {
  require(a.rank() >= 2 && b.rank() >= 2, "matmul", "takes matrices, not {} and {}", to_string(a.shape),
          to_string(b.shape));
  const std::int64_t inner = transpose_b ? b.dim(-1) : b.dim(-2),
                     columns = transpose_b ? b.dim(-2) : b.dim(-1);
  require(a.dim(-1) == inner, "matmul", "shapes {} and {} do not fit", to_string(a.shape),
          to_string(b.shape));
  Shape shape = broadcast("matmul", leading(a.shape), leading(b.shape));
  shape.push_back(a.dim(-2));
  shape.push_back(columns);
  return result(a, std::move(shape), a.backend->matmul(a, b, transpose_b));
}

Value attention(const Value& q, const Value& k, const Value& v, float scale, const Value& bias) {
  const bool fits = q.rank() >= 2 && k.rank() == q.rank() && v.rank() == q.rank() && q.dim(-1) == k.dim(-1) &&
                    k.dim(-2) == v.dim(-2) && leading(q.shape) == leading(k.shape) &&
                    leading(k.shape) == leading(v.shape);
  require(fits, "attention", "q {}, k {} and v {} do not fit", to_string(q.shape), to_string(k.shape),
          to_string(v.shape));
  Shape scores = q.shape, shape = q.shape;
  scores.back() = k.dim(-2);
  shape.back() = v.dim(-1);
  if (bias.defined())
    require(broadcast("attention", scores, bias.shape) == scores, "attention",
            "bias {} does not fit scores {}", to_string(bias.shape), to_string(scores));
  return result(q, std::move(shape), q.backend->attention(q, k, v, scale, bias));
}

Value conv2d(const Value& x, const Value& weight, const Value& bias, const ConvSpec& spec) {
  require_image("conv2d", x);
  const bool fits = weight.rank() == 4 && spec.groups >= 1 && x.dim(1) == weight.dim(1) * spec.groups &&
                    weight.dim(0) % spec.groups == 0;
  require(fits, "conv2d", "weight {} with {} groups does not fit {}", to_string(weight.shape), spec.groups,
          to_string(x.shape));
  if (bias.defined()) require_vector("conv2d", bias, weight.dim(0));
  const Padding& p = spec.padding;
  require_padding("conv2d", x, p);
  require(spec.dilation >= 1, "conv2d", "{} with a dilation of {}", to_string(x.shape), spec.dilation);
  const auto extent = [&](int axis, std::int64_t pads) {
    return window_count("conv2d", x, axis, pads, spec.dilation * (weight.dim(axis) - 1) + 1, spec.stride);
  };
  return result(x, {x.dim(0), weight.dim(0), extent(2, p.top + p.bottom), extent(3, p.left + p.right)},
                x.backend->conv2d(x, weight, bias, spec));
}

Value conv_transpose2d(const Value& x, const Value& weight, const Value& bias, std::int64_t stride) {
  require_image("conv_transpose2d", x);
  require(weight.rank() == 4 && weight.dim(0) == x.dim(1) && stride >= 1, "conv_transpose2d",
          "weight {} with stride {} does not fit {}", to_string(weight.shape), stride, to_string(x.shape));
  if (bias.defined()) require_vector("conv_transpose2d", bias, weight.dim(1));
  return result(x,
                {x.dim(0), weight.dim(1), (x.dim(2) - 1) * stride + weight.dim(2),
                 (x.dim(3) - 1) * stride + weight.dim(3)},
                x.backend->conv_transpose2d(x, weight, bias, stride));
}

Value max_pool2d(const Value& x, const PoolSpec& spec) {
  return result(x, pooled_shape("max_pool2d", x, spec), x.backend->max_pool2d(x, spec));
}

Value avg_pool2d(const Value& x, const PoolSpec& spec) {
  return result(x, pooled_shape("avg_pool2d", x, spec), x.backend->avg_pool2d(x, spec));
}

Value layer_norm(const Value& x, const Value& weight, const Value& bias, float eps) {
  require(x.rank() >= 1, "layer_norm", "takes [..., C], not {}", to_string(x.shape));
  require_vector("layer_norm", weight, x.dim(-1));
  require_vector("layer_norm", bias, x.dim(-1));
  return result(x, x.shape, x.backend->layer_norm(x, weight, bias, eps));
}

Value batch_norm(const Value& x, const BatchNorm& norm, float eps) {
  require(x.rank() >= 2, "batch_norm", "takes [B, C, ...], not {}", to_string(x.shape));
  for (const Value* v : {&norm.weight, &norm.bias, &norm.mean, &norm.variance})
    require_vector("batch_norm", *v, x.dim(1));
  return result(x, x.shape, x.backend->batch_norm(x, norm, eps));
}

Value group_norm(const Value& x, std::int64_t groups, const Value& weight, const Value& bias, float eps) {
  require(x.rank() >= 2 && groups >= 1 && x.dim(1) % groups == 0, "group_norm", "{} in {} groups",
          to_string(x.shape), groups);
  require_vector("group_norm", weight, x.dim(1));
  require_vector("group_norm", bias, x.dim(1));
  return result(x, x.shape, x.backend->group_norm(x, groups, weight, bias, eps));
}

Value softmax(const Value& x, int axis) {
  return result(x, x.shape, x.backend->softmax(x, axis_of("softmax", x, axis)));
}

Value reshape(const Value& x, Shape shape) {
  const auto open = std::find(shape.begin(), shape.end(), -1);
  if (open != shape.end()) {
    const std::int64_t known = -element_count(shape);
    require(known > 0 && element_count(x.shape) % known == 0, "reshape", "{} cannot become {}",
            to_string(x.shape), to_string(shape));
    *open = element_count(x.shape) / known;
  }
  const bool extents = std::all_of(shape.begin(), shape.end(), [](std::int64_t d) { return d >= 1; });
  require(extents && element_count(shape) == element_count(x.shape), "reshape", "{} cannot become {}",
          to_string(x.shape), to_string(shape));
  if (shape == x.shape) return x;
  Handle handle = of("reshape", x).reshape(x, shape);
  return result(x, std::move(shape), std::move(handle));
}

Value permute(const Value& x, const std::vector<int>& order) {
  std::vector<int> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  bool fits = order.size() == x.shape.size();
  for (std::size_t i = 0; fits && i < sorted.size(); ++i) fits = sorted[i] == static_cast<int>(i);
  require(fits, "permute", "order ({}) does not fit {}", fmt::join(order, ", "), to_string(x.shape));
  Shape shape;
  for (const int axis : order) shape.push_back(x.dim(axis));
  return result(x, std::move(shape), x.backend->permute(x, order));
}

Value transpose(const Value& x, int axis_a, int axis_b) {
  std::vector<int> order(x.shape.size());
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[axis_of("transpose", x, axis_a)], order[axis_of("transpose", x, axis_b)]);
  return permute(x, order);
}

Value slice(const Value& x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step) {
  const int a = axis_of("slice", x, axis);
  if (end < 0) end += x.dim(a);
  require(begin >= 0 && begin < end && end <= x.dim(a) && step >= 1, "slice",
          "[{}, {}) step {} of axis {} of {}", begin, end, step, a, to_string(x.shape));
  Shape shape = x.shape;
  shape[a] = (end - begin + step - 1) / step;
  return result(x, std::move(shape), x.backend->slice(x, a, begin, end, step));
}

Value concat(const std::vector<Value>& values, int axis) {
  require(!values.empty(), "concat", "of nothing");
  const int a = axis_of("concat", values.front(), axis);
  Shape shape = values.front().shape;
  shape[a] = 0;
  for (const Value& v : values) {
    Shape other = v.shape;
    if (a < v.rank()) other[a] = shape[a];
    require(other == shape, "concat", "shapes {} and {} along axis {}", to_string(values.front().shape),
            to_string(v.shape), a);
    shape[a] += v.dim(a);
  }
  return result(values.front(), std::move(shape), values.front().backend->concat(values, a));
}

Value pad(const Value& x, int axis, std::int64_t before, std::int64_t after, float value) {
  const int a = axis_of("pad", x, axis);
  require(before >= 0 && after >= 0, "pad", "{} by {} and {}", to_string(x.shape), before, after);
  if (before == 0 && after == 0) return x;
  Shape shape = x.shape;
  shape[a] += before + after;
  return result(x, std::move(shape), x.backend->pad(x, a, before, after, value));
}

Value roll(const Value& x, int axis, std::int64_t shift) {
  const int a = axis_of("roll", x, axis);
  const std::int64_t n = x.dim(a), positive = (shift % n + n) % n;
  return positive == 0 ? x : result(x, x.shape, x.backend->roll(x, a, positive));
}

Value gather(const Value& x, int axis, const std::vector<std::int64_t>& indices) {
  const int a = axis_of("gather", x, axis);
  for (const std::int64_t i : indices)
    require(i >= 0 && i < x.dim(a), "gather", "index {} of axis {} of {}", i, a, to_string(x.shape));
  require(!indices.empty(), "gather", "nothing of {}", to_string(x.shape));
  Shape shape = x.shape;
  shape[a] = static_cast<std::int64_t>(indices.size());
  return result(x, std::move(shape), x.backend->gather(x, a, indices));
}

Value broadcast_to(const Value& x, const Shape& shape) {
  require(broadcast("broadcast_to", x.shape, shape) == shape, "broadcast_to", "{} does not reach {}",
          to_string(x.shape), to_string(shape));
  return x.shape == shape ? x : result(x, shape, of("broadcast_to", x).broadcast_to(x, shape));
}

Value resize(const Value& x, std::int64_t height, std::int64_t width, Resample mode) {
  require_image("resize", x);
  require(height >= 1 && width >= 1, "resize", "{} to {} x {}", to_string(x.shape), height, width);
  if (x.dim(2) == height && x.dim(3) == width) return x;
  if (mode == Resample::kNearest)  // engines round the positions in their own ways
    return nearest_along(nearest_along(x, 2, height), 3, width);
  return result(x, {x.dim(0), x.dim(1), height, width}, x.backend->resize_bilinear(x, height, width));
}

Value reduce(Reduce op, const Value& x, const std::vector<int>& axes, bool keep) {
  std::vector<int> positive;
  for (const int axis : axes) positive.push_back(axis_of("reduce", x, axis));
  std::sort(positive.begin(), positive.end());
  require(!positive.empty() && std::adjacent_find(positive.begin(), positive.end()) == positive.end(),
          "reduce", "{} over axes ({})", to_string(x.shape), fmt::join(axes, ", "));
  Shape shape;
  for (int a = 0; a < x.rank(); ++a) {
    if (!std::binary_search(positive.begin(), positive.end(), a))
      shape.push_back(x.dim(a));
    else if (keep)
      shape.push_back(1);
  }
  return result(x, std::move(shape), x.backend->reduce(op, x, positive, keep));
}

Value neighbour_distance(const Value& x, const std::vector<Neighbourhood>& neighbourhoods) {
  require_image("neighbour_distance", x);
  require(!neighbourhoods.empty(), "neighbour_distance", "{} without a neighbourhood", to_string(x.shape));
  for (const Neighbourhood& n : neighbourhoods)
    require(n.nearest >= 1 && n.radius >= 0, "neighbour_distance", "{} to the {} nearest beyond {} cells",
            to_string(x.shape), n.nearest, n.radius);
  return result(x, {x.dim(0), static_cast<std::int64_t>(neighbourhoods.size()), x.dim(2), x.dim(3)},
                x.backend->neighbour_distance(x, neighbourhoods));
}

Value deformable_attention(const Value& value, const std::vector<Extent>& maps, const Value& reference,
                           const Value& offsets, const Value& weights) {
  constexpr const char* kName = "deformable_attention";
  const auto shapes = [&] {
    return fmt::format("value {}, reference {}, offsets {}, weights {} on {} maps", to_string(value.shape),
                       to_string(reference.shape), to_string(offsets.shape), to_string(weights.shape),
                       maps.size());
  };
  std::int64_t places = 0;
  for (const Extent& map : maps) {
    require(map.height >= 1 && map.width >= 1, kName, "a map of {} x {}", map.height, map.width);
    places += map.places();
  }
  require(value.rank() == 4 && offsets.rank() == 6 && value.dim(1) == places, kName, "{}", shapes());
  const std::int64_t batch = value.dim(0), queries = offsets.dim(1), heads = value.dim(2);
  const auto count = static_cast<std::int64_t>(maps.size());
  const Shape expected = {batch, queries, heads, count, offsets.dim(4), 2};
  require(offsets.shape == expected && weights.shape == Shape(expected.begin(), expected.end() - 1), kName,
          "{}", shapes());
  require(reference.rank() == 4 && (reference.dim(0) == 1 || reference.dim(0) == batch) &&
              reference.dim(1) == queries && reference.dim(2) == count &&
              (reference.dim(3) == 2 || reference.dim(3) == 4),
          kName, "{}", shapes());
  return result(value, {batch, queries, heads * value.dim(3)},
                of(kName, value).deformable_attention(value, maps, reference, offsets, weights));
}

Value l2_normalize(const Value& x, int axis) {
  // The maximum comes before the root, whose gradient at 0 is infinite.
  const Value squares = sum(x * x, {axis}, true);
  return x / sqrt(binary(Binary::kMaximum, squares, constant(x, 1e-24F)));
}

Value tap(std::string_view name, const Value& x) {
  x.backend->tap(name, x);
  return x;
}

}  // namespace anomalyvlm::nn
