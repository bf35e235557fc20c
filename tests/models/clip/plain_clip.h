#pragma once
// CLIP in plain double loops over one image or text, and small configs of it.
#include "models/clip/clip.h"
#include "models/plain_tokens.h"

namespace anomalyvlm::test {

// Odd sizes: a grid of 3 x 3 patches of 5 pixels.
clip::ClipConfig small_clip(bool quick_gelu = true);

// torch's MultiheadAttention over one list of tokens, its weights below `at` ("blocks.0.self_attn.").
PlainTokens plain_packed_attention(const WeightFile& weights, const std::string& at, std::int64_t heads,
                                   const PlainTokens& x, bool causal = false);

// Names of weights begin with `at` ("visual.", "").
PlainTokens plain_image_tokens(const clip::ClipConfig& config, const WeightFile& weights,
                               const std::string& at, const Tensor& image);
PlainTokens plain_clip_block(const clip::ClipConfig& config, const WeightFile& weights, const std::string& at,
                             std::int64_t heads, const PlainTokens& x, bool causal);
PlainTokens plain_image_layers(const clip::ClipConfig& config, const WeightFile& weights,
                               const std::string& at, PlainTokens x);
// Norm and projection of token `i`.
std::vector<double> plain_image_vector(const clip::ClipConfig& config, const WeightFile& weights,
                                       const std::string& at, const PlainTokens& tokens, int i);
PlainTokens plain_text_states(const clip::ClipConfig& config, const WeightFile& weights,
                              const std::string& at, const std::vector<std::int64_t>& ids);
std::vector<double> plain_text_vector(const clip::ClipConfig& config, const WeightFile& weights,
                                      const std::string& at, const std::vector<std::int64_t>& ids);

}  // namespace anomalyvlm::test
