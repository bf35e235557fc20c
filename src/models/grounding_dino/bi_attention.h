#pragma once
// Attention in both directions between an image and a text (GLIP, Li et al., 2022; Grounding DINO, section
// 3.2): one matrix of scores, read along the text for the image and along the image for the text.
#include "models/bert/bert.h"

namespace anomalyvlm::grounding_dino {

struct BiAttentionConfig {
  std::int64_t channels = 1024;  // of all heads together
  std::int64_t heads = 4;
  float norm_eps = 1e-5F;
};

struct ImageAndText {
  nn::Value image, text;
};

// What is added to the scores of each token that is looked at: 0, or kNotSeen where it is padding.
struct Seen {
  nn::Value image;  // [B or 1, 1, 1, N]; undefined: all are seen
  nn::Value text;   // [B or 1, 1, 1, T]; undefined: all are seen
};

// image [B, N, V], text [B, T, L] -> what each learns from the other: [B, N, V] and [B, T, L].
ImageAndText bi_attention(const nn::Scope& at, const BiAttentionConfig& config, const ImageAndText& x,
                          const Seen& seen);

// The same between norms and residuals; what is learned is added to the normalised tokens, not to the tokens
// themselves.
ImageAndText fuse(const nn::Scope& at, const BiAttentionConfig& config, const ImageAndText& x,
                  const Seen& seen);

}  // namespace anomalyvlm::grounding_dino
