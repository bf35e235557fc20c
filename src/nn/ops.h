#pragma once
// The vocabulary: every operation that models are written in. ops.cc checks arguments and works out shapes,
// the same for all engines; backend.h is what an engine implements. Images are [B, C, H, W]. An axis may be
// negative (from the end). Arguments that do not fit throw Error(kBadModel) naming the operation and the
// shapes.
#include <array>
#include <optional>
#include <vector>

#include "core/extent.h"
#include "nn/value.h"

namespace anomalyvlm::nn {

// ---- constants on the backend of `like`
Value constant(const Value& like, const Tensor& tensor);  // any element type; becomes float32
Value constant(const Value& like, float scalar);          // rank 0

// ---- element by element
enum class Unary { kRelu, kGelu, kSigmoid, kTanh, kExp, kLog, kSqrt, kSin, kCos, kAbs, kNegative };
Value unary(Unary op, const Value& x);
inline Value relu(const Value& x) { return unary(Unary::kRelu, x); }
inline Value gelu(const Value& x) { return unary(Unary::kGelu, x); }  // x/2 (1 + erf(x / sqrt 2))
inline Value sigmoid(const Value& x) { return unary(Unary::kSigmoid, x); }
inline Value exp(const Value& x) { return unary(Unary::kExp, x); }
inline Value sqrt(const Value& x) { return unary(Unary::kSqrt, x); }
inline Value sin(const Value& x) { return unary(Unary::kSin, x); }
inline Value cos(const Value& x) { return unary(Unary::kCos, x); }
Value clamp(const Value& x, float low, float high);
inline Value relu6(const Value& x) { return clamp(x, 0, 6); }

// ---- two values, broadcast as NumPy does
enum class Binary { kAdd, kSubtract, kMultiply, kDivide, kMaximum, kMinimum };
Value binary(Binary op, const Value& a, const Value& b);
inline Value operator+(const Value& a, const Value& b) { return binary(Binary::kAdd, a, b); }
inline Value operator-(const Value& a, const Value& b) { return binary(Binary::kSubtract, a, b); }
inline Value operator*(const Value& a, const Value& b) { return binary(Binary::kMultiply, a, b); }
inline Value operator/(const Value& a, const Value& b) { return binary(Binary::kDivide, a, b); }
inline Value operator+(const Value& a, float b) { return a + constant(a, b); }
inline Value operator-(const Value& a, float b) { return a - constant(a, b); }
inline Value operator*(const Value& a, float b) { return a * constant(a, b); }
inline Value operator/(const Value& a, float b) { return a / constant(a, b); }
inline Value operator-(float a, const Value& b) { return constant(b, a) - b; }

// ---- matrices
// [..., M, K] x [..., K, N] -> [..., M, N]; with transpose_b, b is [..., N, K]. Leading axes broadcast.
Value matmul(const Value& a, const Value& b, bool transpose_b = false);
// softmax(scale q k^T + bias) v. q [..., Q, D], k [..., K, D], v [..., K, E], bias broadcast to [..., Q, K]
// -> [..., Q, E].
Value attention(const Value& q, const Value& k, const Value& v, float scale, const Value& bias = {});

// ---- convolution and pooling over [B, C, H, W]
struct Padding {
  std::int64_t top = 0, left = 0, bottom = 0, right = 0;
};
inline Padding same_padding(std::int64_t p) { return {p, p, p, p}; }
struct ConvSpec {
  std::int64_t stride = 1;
  Padding padding;
  std::int64_t dilation = 1, groups = 1;
};
// weight [O, C / groups, kh, kw], bias [O] or undefined. Out: floor((H + pads - dilation (kh - 1) - 1) /
// stride) + 1.
Value conv2d(const Value& x, const Value& weight, const Value& bias, const ConvSpec& spec = {});
// weight [C, O, kh, kw], bias [O] or undefined; no padding: (H - 1) stride + kh.
Value conv_transpose2d(const Value& x, const Value& weight, const Value& bias, std::int64_t stride);
struct PoolSpec {
  std::int64_t kernel = 2, stride = 2;
  Padding padding;
};
Value max_pool2d(const Value& x, const PoolSpec& spec);  // padding never wins
Value avg_pool2d(const Value& x, const PoolSpec& spec);  // padding counts as zeros

// ---- normalisation and softmax
// Over the last axis: (x - mean) / sqrt(var + eps) * weight + bias; weight and bias are [last].
Value layer_norm(const Value& x, const Value& weight, const Value& bias, float eps);
// Over axis 1 with fixed statistics, each [C].
struct BatchNorm {
  Value weight, bias, mean, variance;
};
Value batch_norm(const Value& x, const BatchNorm& norm, float eps);
// x [B, C, ...]: each of `groups` runs of channels is normalised over its channels and all places; weight and
// bias are [C].
Value group_norm(const Value& x, std::int64_t groups, const Value& weight, const Value& bias, float eps);
Value softmax(const Value& x, int axis);

// ---- shape
Value reshape(const Value& x, Shape shape);                    // one extent may be -1
Value permute(const Value& x, const std::vector<int>& order);  // axis i of the result is axis order[i] of x
Value transpose(const Value& x, int axis_a, int axis_b);
Value slice(const Value& x, int axis, std::int64_t begin, std::int64_t end,
            std::int64_t step = 1);  // end negative: from the end
Value concat(const std::vector<Value>& values, int axis);
// Zeros (or `value`) before and after along an axis.
Value pad(const Value& x, int axis, std::int64_t before, std::int64_t after, float value = 0);
Value roll(const Value& x, int axis, std::int64_t shift);  // element i goes to (i + shift) mod n
Value gather(const Value& x, int axis, const std::vector<std::int64_t>& indices);
Value broadcast_to(const Value& x, const Shape& shape);

// ---- sampling of [B, C, H, W] to another height and width, half-pixel centres
// No antialias. Nearest takes element floor(i * (in / out)), computed in float32 as torch does.
enum class Resample { kNearest, kBilinear };
Value resize(const Value& x, std::int64_t height, std::int64_t width, Resample mode);

// ---- reductions
enum class Reduce { kSum, kMean, kMax, kMin };
Value reduce(Reduce op, const Value& x, const std::vector<int>& axes, bool keep = false);
inline Value mean(const Value& x, const std::vector<int>& axes, bool keep = false) {
  return reduce(Reduce::kMean, x, axes, keep);
}
inline Value sum(const Value& x, const std::vector<int>& axes, bool keep = false) {
  return reduce(Reduce::kSum, x, axes, keep);
}
inline Value max(const Value& x, const std::vector<int>& axes, bool keep = false) {
  return reduce(Reduce::kMax, x, axes, keep);
}

// ---- kernels of ours (src/kernels)
// Mean cosine distance of every location of x [B, C, H, W] to its nearest others, for several neighbourhoods
// in one pass over the similarities: each takes its `nearest` most similar locations (all, if there are
// fewer), leaving out the location itself and those at most `radius` cells away both in x and in y (0: only
// itself).
// -> [B, neighbourhoods, H, W], each 0 .. 2. No gradient flows through it. Paper, Eq. 3.
struct Neighbourhood {
  int nearest = 64;
  int radius = 0;
};
Value neighbour_distance(const Value& x, const std::vector<Neighbourhood>& neighbourhoods);

// Multi-scale deformable attention: each query samples `points` points of every feature map, around its
// reference. value [B, places, heads, D], the maps' places one after the other; reference [1 or B, Q, maps, 2
// or 4]: x, y (, width, height) as shares of a map; offsets [B, Q, heads, maps, points, 2]: x, y in cells, or
// with boxes in half widths and heights of the box divided by `points`; weights [B, Q, heads, maps, points]
// -> [B, Q, heads D]. Zeros outside. No gradient flows through it. Zhu et al. 2021, Eq. 3.
Value deformable_attention(const Value& value, const std::vector<Extent>& maps, const Value& reference,
                           const Value& offsets, const Value& weights);

// ---- composed of the above
// x / max(||x||, 1e-12) along an axis.
Value l2_normalize(const Value& x, int axis);

// Names an intermediate result; it costs nothing unless someone asked for it (CompileOptions::taps).
Value tap(std::string_view name, const Value& x);

}  // namespace anomalyvlm::nn
