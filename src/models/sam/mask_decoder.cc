#include "models/sam/mask_decoder.h"

#include <cmath>

#include "nn/layers.h"

namespace anomalyvlm::sam {
namespace {

using nn::Scope;
using nn::Value;

constexpr float kTransformerEps = 1e-5F;
constexpr float kUpscalingEps = 1e-6F;

// The same for each of n prompts. [1, ...] -> [n, ...].
Value for_each_prompt(const Value& x, std::int64_t n) {
  Shape shape = x.shape;
  shape[0] = n;
  return broadcast_to(x, shape);
}

// Attention between projections that are `inner` wide. q [N or 1, Q, C], k and v [N or 1, K, C] -> [N, Q, C].
Value attention(const Scope& at, const Value& q, const Value& k, const Value& v, std::int64_t inner,
                std::int64_t heads) {
  const std::int64_t prompts = std::max(q.dim(0), k.dim(0));
  const auto projected = [&](std::string_view name, const Value& x) {
    return for_each_prompt(nn::split_heads(nn::linear(at / name, x, inner), heads), prompts);
  };
  const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(inner / heads)));
  const Value y =
      nn::attention(projected("q_proj", q), projected("k_proj", k), projected("v_proj", v), scale);
  return nn::linear(at / "out_proj", nn::merge_heads(y), q.dim(-1));
}

// Tokens [N, T, C] and the places of the image [1 or N, h w, C], each with what is added where it is
// compared.
struct Stream {
  Value x, position;
  Value placed() const { return x + position; }
};

class TwoWayTransformer {
 public:
  TwoWayTransformer(const Scope& at, const SamConfig& config) : at_(at), config_(config) {}

  void operator()(Stream& tokens, Stream& image) const {
    for (int i = 0; i < config_.decoder_depth; ++i) layer(at_ / "layers" / i, tokens, image, i == 0);
    const Value y = cross(at_ / "final_attn_token_to_image", tokens, image);
    tokens.x = nn::layer_norm(at_ / "norm_final_attn", tokens.x + y, kTransformerEps);
  }

 private:
  Value cross(const Scope& at, const Stream& from, const Stream& to) const {
    return attention(at, from.placed(), to.placed(), to.x, config_.channels / config_.attention_downsample,
                     config_.decoder_heads);
  }

  // Positions are not added in the first layer's self-attention, which also replaces the tokens.
  Value self_attention(const Scope& at, const Stream& tokens, bool first) const {
    const Value q = first ? tokens.x : tokens.placed();
    const Value y = attention(at, q, q, tokens.x, config_.channels, config_.decoder_heads);
    return first ? y : tokens.x + y;
  }

  void layer(const Scope& at, Stream& tokens, Stream& image, bool first) const {
    const auto norm = [&](std::string_view name, const Value& x) {
      return nn::layer_norm(at / name, x, kTransformerEps);
    };
    tokens.x = norm("norm1", self_attention(at / "self_attn", tokens, first));
    tokens.x = norm("norm2", tokens.x + cross(at / "cross_attn_token_to_image", tokens, image));
    const Value inner = relu(nn::linear(at / "mlp" / "lin1", tokens.x, config_.decoder_mlp));
    tokens.x = norm("norm3", tokens.x + nn::linear(at / "mlp" / "lin2", inner, config_.channels));
    image.x = norm("norm4", image.x + cross(at / "cross_attn_image_to_token", image, tokens));
  }

  Scope at_;
  const SamConfig& config_;
};

// [N, C, h, w] -> [N, C / 8, 4 h, 4 w].
Value upscale(const Scope& at, const Value& x) {
  Value y = nn::conv_transpose2d(at / 0, x, x.dim(1) / 4, 2);
  y = gelu(nn::layer_norm2d(at / 1, y, kUpscalingEps));
  return gelu(nn::conv_transpose2d(at / 3, y, x.dim(1) / 8, 2));
}

// [1, C, h, w] -> [1, h w, C].
Value flattened(const Value& map) { return reshape(channels_last(map), {map.dim(0), -1, map.dim(1)}); }

}  // namespace

Masks decode_masks(const Scope& at, const SamConfig& config, const Value& embedding, const Value& places,
                   const Value& sparse, const Value& dense) {
  const std::int64_t c = config.channels, outputs = 1 + config.multimask_outputs;
  const std::int64_t prompts = sparse.defined() ? sparse.dim(0) : dense.dim(0);
  Value queries = nn::concat(
      {(at / "iou_token").weight("weight", {1, c}), (at / "mask_tokens").weight("weight", {outputs, c})}, 0);
  queries = for_each_prompt(reshape(queries, {1, 1 + outputs, c}), prompts);
  if (sparse.defined()) queries = nn::concat({queries, sparse}, 1);

  Stream tokens = {queries, queries}, image = {flattened(embedding + dense), flattened(places)};
  TwoWayTransformer(at / "transformer", config)(tokens, image);

  const Value map = reshape(transpose(for_each_prompt(image.x, prompts), 1, 2),
                            {prompts, c, embedding.dim(2), embedding.dim(3)});
  const Value fine = upscale(at / "output_upscaling", map);
  std::vector<Value> filters;
  for (int i = 0; i < outputs; ++i)
    filters.push_back(
        nn::perceptron(at / "output_hypernetworks_mlps" / i, slice(tokens.x, 1, 1 + i, 2 + i), c, c / 8, 3));
  const Value pixels = reshape(fine, {prompts, c / 8, -1});
  const Value quality = nn::perceptron(at / "iou_prediction_head", slice(tokens.x, 1, 0, 1),
                                       config.iou_channels, outputs, config.iou_depth);
  return {reshape(matmul(nn::concat(filters, 1), pixels), {prompts, outputs, fine.dim(2), fine.dim(3)}),
          reshape(quality, {prompts, outputs})};
}

}  // namespace anomalyvlm::sam
