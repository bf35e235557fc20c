#pragma once
// Layers that several models share: an operation together with the weights it reads below its scope.
#include "nn/ops.h"
#include "nn/scope.h"

namespace anomalyvlm::nn {

// x [..., in] -> [..., out] with "weight" [out, in] and "bias" [out] (absent when bias is false).
Value linear(const Scope& at, const Value& x, std::int64_t out, bool bias = true);
// "weight" [out, C / groups, k, k], "bias" [out].
Value conv2d(const Scope& at, const Value& x, std::int64_t out, std::int64_t kernel,
             const ConvSpec& spec = {}, bool bias = true);
// "weight" [C, out, k, k], "bias" [out], stride = kernel.
Value conv_transpose2d(const Scope& at, const Value& x, std::int64_t out, std::int64_t kernel);
Value layer_norm(const Scope& at, const Value& x, float eps);
// LayerNorm over the channels of [B, C, H, W].
Value layer_norm2d(const Scope& at, const Value& x, float eps);
// "weight", "bias", "running_mean", "running_var".
Value batch_norm(const Scope& at, const Value& x, float eps = 1e-5F);
// Over runs of channels of [B, C, ...].
Value group_norm(const Scope& at, const Value& x, std::int64_t groups, float eps);
// [B, C, H, W] <-> [B, H, W, C].
Value channels_last(const Value& x);
Value channels_first(const Value& x);
// [B, L, heads * D] -> [B, heads, L, D] and back.
Value split_heads(const Value& x, std::int64_t heads);
Value merge_heads(const Value& x);
// `depth` linear layers, "layers.0" and so on, with ReLU between them. [..., in] -> [..., out].
Value perceptron(const Scope& at, Value x, std::int64_t inner, std::int64_t out, int depth);
// Attention between projections whose weights lie one below the other, as torch's MultiheadAttention names
// them: "in_proj_weight" [3 C, C], "in_proj_bias" [3 C], "out_proj". q [B, Q, C], k and v [B, K, C], bias
// broadcast to [B, heads, Q, K] -> [B, Q, C].
Value multi_head_attention(const Scope& at, const Value& q, const Value& k, const Value& v,
                           std::int64_t heads, const Value& bias = {});

}  // namespace anomalyvlm::nn
