#include "models/grounding_dino/text_enhancer.h"

#include "nn/layers.h"

namespace anomalyvlm::grounding_dino {

using nn::Scope;
using nn::Value;

Value enhance_text(const Scope& at, const TextEnhancerConfig& config, const Value& x, const Value& positions,
                   const Value& bias) {
  const Value placed = x + positions;
  Value y = x + nn::multi_head_attention(at / "self_attn", placed, placed, x, config.heads, bias);
  y = nn::layer_norm(at / "norm1", y, config.norm_eps);
  const Value inner = relu(nn::linear(at / "linear1", y, config.feed_forward));
  return nn::layer_norm(at / "norm2", y + nn::linear(at / "linear2", inner, x.dim(-1)), config.norm_eps);
}

Value mixed_up_masks(const Value& bias, std::int64_t heads) {
  const std::int64_t captions = bias.dim(0), rows = bias.dim(2), columns = bias.dim(3);
  std::vector<std::int64_t> taken;
  for (std::int64_t i = 0; i < captions * heads; ++i) taken.push_back(i % captions);
  return reshape(gather(bias, 0, taken), {captions, heads, rows, columns});
}

}  // namespace anomalyvlm::grounding_dino
