#include "nn/array.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/deformable_attention_cases.h"

namespace anomalyvlm::test {
namespace {

Index with(Index index, int axis, std::int64_t value) {
  index[static_cast<std::size_t>(axis)] = value;
  return index;
}

Shape broadcast(const Shape& a, const Shape& b) {
  Shape out(std::max(a.size(), b.size()));
  for (std::size_t i = 1; i <= out.size(); ++i) {
    const std::int64_t x = i <= a.size() ? a[a.size() - i] : 1, y = i <= b.size() ? b[b.size() - i] : 1;
    out[out.size() - i] = x == 1 ? y : x;
  }
  return out;
}

// The element of x that stands at an index of a shape x broadcasts to.
double spread(const Array& x, const Index& index) {
  Index own(index.end() - static_cast<std::ptrdiff_t>(x.shape.size()), index.end());
  for (std::size_t i = 0; i < own.size(); ++i) own[i] = x.shape[i] == 1 ? 0 : own[i];
  return x(own);
}

std::int64_t steps(std::int64_t extent, std::int64_t window, std::int64_t stride) {
  return (extent - window) / stride + 1;
}

Array pool(const Array& x, const nn::PoolSpec& s, double outside,
           const std::function<double(const std::vector<double>&)>& of_window) {
  const nn::Padding& p = s.padding;
  const Shape shape = {x.dim(0), x.dim(1), steps(x.dim(2) + p.top + p.bottom, s.kernel, s.stride),
                       steps(x.dim(3) + p.left + p.right, s.kernel, s.stride)};
  return {shape, [&](const Index& i) {
            std::vector<double> window;
            for (std::int64_t ky = 0; ky < s.kernel; ++ky)
              for (std::int64_t kx = 0; kx < s.kernel; ++kx)
                window.push_back(x.padded(i[0], i[1], i[2] * s.stride + ky - p.top,
                                          i[3] * s.stride + kx - p.left, outside));
            return of_window(window);
          }};
}

// Along one axis: the element before a half-pixel position, the one after, and how far it is between them.
struct Between {
  std::int64_t before, after;
  double share;
};
Between half_pixel(std::int64_t i, std::int64_t in, std::int64_t out) {
  const double at = std::max(
      0.0, (static_cast<double>(i) + 0.5) * static_cast<double>(in) / static_cast<double>(out) - 0.5);
  const auto before = std::min(static_cast<std::int64_t>(at), in - 1);
  return {before, std::min(before + 1, in - 1), at - static_cast<double>(before)};
}

}  // namespace

void for_each_index(const Shape& shape, const std::function<void(const Index&)>& visit) {
  Index index(shape.size(), 0);
  for (std::int64_t left = element_count(shape); left > 0; --left) {
    visit(index);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

Array::Array(Shape s, std::vector<double> v) : shape(std::move(s)), values(std::move(v)) {
  AVLM_CHECK(element_count(shape) == static_cast<std::int64_t>(values.size()));
}

Array::Array(const Shape& s, const std::function<double(const Index&)>& value) : shape(s) {
  for_each_index(s, [&](const Index& index) { values.push_back(value(index)); });
}

Array::Array(const Tensor& tensor) : shape(tensor.shape()) {
  const Tensor floats = tensor.to_f32();
  values.assign(floats.floats().begin(), floats.floats().end());
}

std::size_t Array::offset(const std::int64_t* index, std::size_t count) const {
  AVLM_CHECK(count == shape.size());
  std::int64_t at = 0;
  for (std::size_t i = 0; i < count; ++i) at = at * shape[i] + index[i];
  return static_cast<std::size_t>(at);
}

double Array::padded(std::int64_t b, std::int64_t c, std::int64_t y, std::int64_t x, double outside) const {
  const bool inside = y >= 0 && y < shape[2] && x >= 0 && x < shape[3];
  return inside ? (*this)({b, c, y, x}) : outside;
}

double Array::largest() const {
  double most = 0;
  for (const double v : values) most = std::max(most, std::abs(v));
  return most;
}

Array map(const Array& x, const std::function<double(double)>& f) {
  return {x.shape, [&](const Index& i) { return f(x(i)); }};
}

Array zip(const Array& a, const Array& b, const std::function<double(double, double)>& f) {
  return {broadcast(a.shape, b.shape), [&](const Index& i) { return f(spread(a, i), spread(b, i)); }};
}

Array matmul(const Array& a, const Array& b, bool transpose_b) {
  const Shape before =
      broadcast(Shape(a.shape.begin(), a.shape.end() - 2), Shape(b.shape.begin(), b.shape.end() - 2));
  Shape shape = before, of_a = before, of_b = before;
  for (const std::int64_t d : {a.dim(-2), b.dim(transpose_b ? -2 : -1)}) shape.push_back(d);
  of_a.insert(of_a.end(), a.shape.end() - 2, a.shape.end());
  of_b.insert(of_b.end(), b.shape.end() - 2, b.shape.end());
  const Array left = broadcast_to(a, of_a), right = broadcast_to(b, of_b);
  return {shape, [&](const Index& i) {
            Index from_a = i, from_b = i;
            std::int64_t& row_k = from_a.back();
            std::int64_t& column_k = from_b[transpose_b ? i.size() - 1 : i.size() - 2];
            from_b[transpose_b ? i.size() - 2 : i.size() - 1] = i.back();
            double sum = 0;
            for (std::int64_t k = 0; k < a.dim(-1); ++k) {
              row_k = column_k = k;
              sum += left(from_a) * right(from_b);
            }
            return sum;
          }};
}

Array attention(const Array& q, const Array& k, const Array& v, double scale, const Array* bias) {
  Array scores = map(matmul(q, k, true), [&](double s) { return s * scale; });
  if (bias) scores = zip(scores, *bias, std::plus<>());
  return matmul(softmax(scores, scores.rank() - 1), v);
}

Array softmax(const Array& x, int axis) {
  const Array highest = reduce(nn::Reduce::kMax, x, {axis}, true);
  const Array e = zip(x, highest, [](double v, double most) { return std::exp(v - most); });
  return zip(e, reduce(nn::Reduce::kSum, e, {axis}, true), std::divides<>());
}

Array layer_norm(const Array& x, const Array& weight, const Array& bias, double eps) {
  const int last = x.rank() - 1;
  const Array centred = zip(x, reduce(nn::Reduce::kMean, x, {last}, true), std::minus<>());
  const Array variance = reduce(nn::Reduce::kMean, zip(centred, centred, std::multiplies<>()), {last}, true);
  const Array unit = zip(centred, variance, [&](double v, double s) { return v / std::sqrt(s + eps); });
  return zip(zip(unit, weight, std::multiplies<>()), bias, std::plus<>());
}

Array batch_norm(const Array& x, const Array& weight, const Array& bias, const Array& mean,
                 const Array& variance, double eps) {
  return {x.shape, [&](const Index& i) {
            const std::int64_t c = i[1];
            return (x(i) - mean({c})) / std::sqrt(variance({c}) + eps) * weight({c}) + bias({c});
          }};
}

Array group_norm(const Array& x, std::int64_t groups, const Array& weight, const Array& bias, double eps) {
  const std::int64_t run = element_count(x.shape) / x.dim(0) / groups;
  const Array one({1}, std::vector<double>{1}), zero({1}, std::vector<double>{0});
  const Array unit = reshape(layer_norm(reshape(x, {x.dim(0), groups, run}), one, zero, eps), x.shape);
  return {x.shape, [&](const Index& i) {
            const std::int64_t c = i[1];
            return unit(i) * weight({c}) + bias({c});
          }};
}

Array l2_normalize(const Array& x, int axis) {
  const Array squares = reduce(nn::Reduce::kSum, zip(x, x, std::multiplies<>()), {axis}, true);
  return zip(x, squares, [](double v, double s) { return v / std::max(std::sqrt(s), 1e-12); });
}

Array conv2d(const Array& x, const Array& weight, const Array* bias, const nn::ConvSpec& s) {
  const nn::Padding& p = s.padding;
  const std::int64_t kh = weight.dim(2), kw = weight.dim(3), inputs = weight.dim(1);
  const std::int64_t outputs_a_group = weight.dim(0) / s.groups;
  const Shape shape = {x.dim(0), weight.dim(0),
                       steps(x.dim(2) + p.top + p.bottom, s.dilation * (kh - 1) + 1, s.stride),
                       steps(x.dim(3) + p.left + p.right, s.dilation * (kw - 1) + 1, s.stride)};
  return {shape, [&](const Index& i) {
            double sum = bias ? (*bias)({i[1]}) : 0;
            const std::int64_t first = i[1] / outputs_a_group * inputs;
            for (std::int64_t c = 0; c < inputs; ++c)
              for (std::int64_t y = 0; y < kh; ++y)
                for (std::int64_t z = 0; z < kw; ++z)
                  sum += weight({i[1], c, y, z}) * x.padded(i[0], first + c,
                                                            i[2] * s.stride + y * s.dilation - p.top,
                                                            i[3] * s.stride + z * s.dilation - p.left, 0);
            return sum;
          }};
}

Array conv_transpose2d(const Array& x, const Array& weight, const Array* bias, std::int64_t stride) {
  const std::int64_t kh = weight.dim(2), kw = weight.dim(3);
  Array out({x.dim(0), weight.dim(1), (x.dim(2) - 1) * stride + kh, (x.dim(3) - 1) * stride + kw},
            [&](const Index& i) { return bias ? (*bias)({i[1]}) : 0.0; });
  for_each_index(x.shape, [&](const Index& i) {  // what each input pixel adds
    for_each_index({out.dim(1), kh, kw}, [&](const Index& k) {
      const std::int64_t row = i[2] * stride + k[1], column = i[3] * stride + k[2];
      const std::int64_t at = ((i[0] * out.dim(1) + k[0]) * out.dim(2) + row) * out.dim(3) + column;
      out.values[static_cast<std::size_t>(at)] += x(i) * weight({i[1], k[0], k[1], k[2]});
    });
  });
  return out;
}

Array max_pool2d(const Array& x, const nn::PoolSpec& spec) {
  return pool(x, spec, -std::numeric_limits<double>::infinity(),
              [](const std::vector<double>& w) { return *std::max_element(w.begin(), w.end()); });
}

Array avg_pool2d(const Array& x, const nn::PoolSpec& spec) {
  return pool(x, spec, 0, [](const std::vector<double>& w) {
    return std::accumulate(w.begin(), w.end(), 0.0) / static_cast<double>(w.size());
  });
}

Array resize(const Array& x, std::int64_t height, std::int64_t width, nn::Resample mode) {
  return {{x.dim(0), x.dim(1), height, width}, [&](const Index& i) {
            if (mode == nn::Resample::kNearest)
              return x({i[0], i[1], i[2] * x.dim(2) / height, i[3] * x.dim(3) / width});
            const Between v = half_pixel(i[2], x.dim(2), height), h = half_pixel(i[3], x.dim(3), width);
            const auto row = [&](std::int64_t y) {
              return (1 - h.share) * x({i[0], i[1], y, h.before}) + h.share * x({i[0], i[1], y, h.after});
            };
            return (1 - v.share) * row(v.before) + v.share * row(v.after);
          }};
}

Array neighbour_distance(const Array& x, const std::vector<nn::Neighbourhood>& neighbourhoods) {
  const Array unit = l2_normalize(x, 1);
  const auto count = static_cast<std::int64_t>(neighbourhoods.size());
  return {{x.dim(0), count, x.dim(2), x.dim(3)}, [&](const Index& i) {
            const nn::Neighbourhood& n = neighbourhoods[static_cast<std::size_t>(i[1])];
            std::vector<double> distances;
            for_each_index({x.dim(2), x.dim(3)}, [&](const Index& other) {
              if (std::max(std::abs(other[0] - i[2]), std::abs(other[1] - i[3])) <= n.radius) return;
              double similarity = 0;
              for (std::int64_t c = 0; c < x.dim(1); ++c)
                similarity += unit({i[0], c, i[2], i[3]}) * unit({i[0], c, other[0], other[1]});
              distances.push_back(1 - similarity);
            });
            std::sort(distances.begin(), distances.end());
            distances.resize(std::min(distances.size(), static_cast<std::size_t>(n.nearest)));
            const double sum = std::accumulate(distances.begin(), distances.end(), 0.0);
            return distances.empty() ? 0 : sum / static_cast<double>(distances.size());
          }};
}

Array deformable_attention(const Array& value, const std::vector<Extent>& maps, const Array& reference,
                           const Array& offsets, const Array& weights) {
  const auto floats = [](const Array& x) { return std::vector<float>(x.values.begin(), x.values.end()); };
  const std::vector<float> v = floats(value), r = floats(reference), o = floats(offsets), w = floats(weights);
  const DeformableAttention a = {v.data(),
                                 r.data(),
                                 o.data(),
                                 w.data(),
                                 nullptr,
                                 maps,
                                 value.dim(0),
                                 offsets.dim(1),
                                 value.dim(2),
                                 value.dim(3),
                                 offsets.dim(4),
                                 reference.dim(0) == 1,
                                 reference.dim(3) == 4};
  return {{a.batch, a.queries, a.heads * a.channels}, [&](const Index& i) {
            return deformable_attention_reference(a, i[0], i[1], i[2] / a.channels, i[2] % a.channels);
          }};
}

Array reshape(const Array& x, const Shape& shape) { return {shape, x.values}; }

Array permute(const Array& x, const std::vector<int>& order) {
  Shape shape;
  for (const int axis : order) shape.push_back(x.dim(axis));
  return {shape, [&](const Index& i) {
            Index from(i.size());
            for (std::size_t a = 0; a < i.size(); ++a) from[static_cast<std::size_t>(order[a])] = i[a];
            return x(from);
          }};
}

Array slice(const Array& x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step) {
  std::vector<std::int64_t> taken;
  for (std::int64_t i = begin; i < end; i += step) taken.push_back(i);
  return gather(x, axis, taken);
}

Array concat(const std::vector<Array>& parts, int axis) {
  Shape shape = parts[0].shape;
  std::int64_t& extent = shape[static_cast<std::size_t>(axis)];
  extent = 0;
  for (const Array& part : parts) extent += part.dim(axis);
  return {shape, [&](const Index& i) {
            std::int64_t at = i[static_cast<std::size_t>(axis)];
            std::size_t part = 0;
            while (at >= parts[part].dim(axis)) at -= parts[part++].dim(axis);
            return parts[part](with(i, axis, at));
          }};
}

Array pad(const Array& x, int axis, std::int64_t before, std::int64_t after, double value) {
  return {with(x.shape, axis, x.dim(axis) + before + after), [&](const Index& i) {
            const std::int64_t at = i[static_cast<std::size_t>(axis)] - before;
            return at < 0 || at >= x.dim(axis) ? value : x(with(i, axis, at));
          }};
}

Array roll(const Array& x, int axis, std::int64_t shift) {
  const std::int64_t n = x.dim(axis);
  return {x.shape, [&](const Index& i) {
            return x(with(i, axis, ((i[static_cast<std::size_t>(axis)] - shift) % n + n) % n));
          }};
}

Array gather(const Array& x, int axis, const std::vector<std::int64_t>& indices) {
  return {with(x.shape, axis, static_cast<std::int64_t>(indices.size())), [&](const Index& i) {
            const auto which = static_cast<std::size_t>(i[static_cast<std::size_t>(axis)]);
            return x(with(i, axis, indices[which]));
          }};
}

Array broadcast_to(const Array& x, const Shape& shape) {
  return {shape, [&](const Index& i) { return spread(x, i); }};
}

Array reduce(nn::Reduce op, const Array& x, const std::vector<int>& axes, bool keep) {
  Shape ones = x.shape, without;
  for (const int axis : axes) ones[static_cast<std::size_t>(axis)] = 1;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (std::find(axes.begin(), axes.end(), axis) == axes.end()) without.push_back(x.dim(axis));
  std::vector<std::vector<double>> parts(static_cast<std::size_t>(element_count(ones)));
  const Array place(ones, [at = 0](const Index&) mutable { return at++; });
  for_each_index(x.shape,
                 [&](const Index& i) { parts[static_cast<std::size_t>(spread(place, i))].push_back(x(i)); });
  Array out(ones, std::vector<double>(parts.size()));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& part = parts[i];
    const double sum = std::accumulate(part.begin(), part.end(), 0.0);
    out.values[i] = op == nn::Reduce::kMax    ? *std::max_element(part.begin(), part.end())
                    : op == nn::Reduce::kMin  ? *std::min_element(part.begin(), part.end())
                    : op == nn::Reduce::kMean ? sum / static_cast<double>(part.size())
                                              : sum;
  }
  return keep ? out : reshape(out, without);
}

}  // namespace anomalyvlm::test
