#include "models/grounding_dino/heads.h"

#include "nn/layers.h"

namespace anomalyvlm::grounding_dino {

using nn::Scope;
using nn::Value;

Value match_text(const Value& x, const Value& text) { return matmul(x, text, true); }

Value proposal_features(const Scope& at, const GroundingDinoConfig& config, const Value& memory) {
  return nn::layer_norm(at / "enc_output_norm", nn::linear(at / "enc_output", memory, config.channels),
                        config.norm_eps);
}

Value box_change(const Scope& at, const GroundingDinoConfig& config, const Value& x) {
  return nn::perceptron(at, x, config.channels, 4, 3);
}

Value inverse_sigmoid(const Value& p) {
  constexpr float kLeast = 1e-3F;
  const Value inside = clamp(p, 0, 1);
  return unary(nn::Unary::kLog, clamp(inside, kLeast, 1) / clamp(1.0F - inside, kLeast, 1));
}

Value feed_forward(const Scope& at, std::string_view norm, const GroundingDinoConfig& config,
                   const Value& x) {
  const Value inner = unary(config.activation, nn::linear(at / "linear1", x, config.feed_forward));
  return nn::layer_norm(at / norm, x + nn::linear(at / "linear2", inner, x.dim(-1)), config.norm_eps);
}

}  // namespace anomalyvlm::grounding_dino
