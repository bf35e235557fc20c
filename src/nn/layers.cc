#include "nn/layers.h"

#include <cmath>

namespace anomalyvlm::nn {

Value linear(const Scope& at, const Value& x, std::int64_t out, bool bias) {
  const Value y = matmul(x, at.weight("weight", {out, x.dim(-1)}), true);
  return bias ? y + at.weight("bias", {out}) : y;
}

Value conv2d(const Scope& at, const Value& x, std::int64_t out, std::int64_t kernel, const ConvSpec& spec,
             bool bias) {
  const Value weight = at.weight("weight", {out, x.dim(1) / spec.groups, kernel, kernel});
  return conv2d(x, weight, bias ? at.weight("bias", {out}) : Value{}, spec);
}

Value conv_transpose2d(const Scope& at, const Value& x, std::int64_t out, std::int64_t kernel) {
  return conv_transpose2d(x, at.weight("weight", {x.dim(1), out, kernel, kernel}), at.weight("bias", {out}),
                          kernel);
}

Value layer_norm(const Scope& at, const Value& x, float eps) {
  return layer_norm(x, at.weight("weight", {x.dim(-1)}), at.weight("bias", {x.dim(-1)}), eps);
}

Value layer_norm2d(const Scope& at, const Value& x, float eps) {
  return channels_first(layer_norm(at, channels_last(x), eps));
}

Value batch_norm(const Scope& at, const Value& x, float eps) {
  const Shape c = {x.dim(1)};
  return batch_norm(x,
                    {at.weight("weight", c), at.weight("bias", c), at.weight("running_mean", c),
                     at.weight("running_var", c)},
                    eps);
}

Value group_norm(const Scope& at, const Value& x, std::int64_t groups, float eps) {
  return group_norm(x, groups, at.weight("weight", {x.dim(1)}), at.weight("bias", {x.dim(1)}), eps);
}

Value channels_last(const Value& x) { return permute(x, {0, 2, 3, 1}); }
Value channels_first(const Value& x) { return permute(x, {0, 3, 1, 2}); }

Value split_heads(const Value& x, std::int64_t heads) {
  return permute(reshape(x, {x.dim(0), x.dim(1), heads, -1}), {0, 2, 1, 3});
}

Value merge_heads(const Value& x) { return reshape(permute(x, {0, 2, 1, 3}), {x.dim(0), x.dim(2), -1}); }

Value perceptron(const Scope& at, Value x, std::int64_t inner, std::int64_t out, int depth) {
  for (int i = 0; i < depth; ++i) {
    x = linear(at / "layers" / i, x, i + 1 < depth ? inner : out);
    if (i + 1 < depth) x = relu(x);
  }
  return x;
}

Value multi_head_attention(const Scope& at, const Value& q, const Value& k, const Value& v,
                           std::int64_t heads, const Value& bias) {
  const std::int64_t c = q.dim(-1);
  const Value weights = at.weight("in_proj_weight", {3 * c, c}), biases = at.weight("in_proj_bias", {3 * c});
  const auto projected = [&](int part, const Value& x) {
    const Value weight = slice(weights, 0, part * c, (part + 1) * c);
    return split_heads(matmul(x, weight, true) + slice(biases, 0, part * c, (part + 1) * c), heads);
  };
  const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(c / heads)));
  const Value y = attention(projected(0, q), projected(1, k), projected(2, v), scale, bias);
  return linear(at / "out_proj", merge_heads(y), c);
}

}  // namespace anomalyvlm::nn
