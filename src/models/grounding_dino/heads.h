#pragma once
// What both stages of Grounding DINO share: the scores of tokens against the text, and the box heads.
#include "models/grounding_dino/config.h"
#include "nn/scope.h"

namespace anomalyvlm::grounding_dino {

// How well each token fits each token of the text: plain dot products of x [B, N, C] and text [B, T, C]
// -> [B, N, T]. No temperature, no norm.
nn::Value match_text(const nn::Value& x, const nn::Value& text);

// What the places of an encoded image [B, N, C] say as proposals. `at` is "transformer".
nn::Value proposal_features(const nn::Scope& at, const GroundingDinoConfig& config, const nn::Value& memory);

// Three linear layers -> [..., 4], to be added to inverse_sigmoid() of a box.
nn::Value box_change(const nn::Scope& at, const GroundingDinoConfig& config, const nn::Value& x);

// log(p / (1 - p)) for p from 0 to 1, both parts at least 1e-3.
nn::Value inverse_sigmoid(const nn::Value& p);

// Two linear layers, the activation between them and the norm after the residual: "linear1", "linear2".
nn::Value feed_forward(const nn::Scope& at, std::string_view norm, const GroundingDinoConfig& config,
                       const nn::Value& x);

}  // namespace anomalyvlm::grounding_dino
