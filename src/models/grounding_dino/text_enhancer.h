#pragma once
// Self-attention of the text in Grounding DINO's feature enhancer (section 3.2): a plain post-norm
// transformer layer, within the phrases of a caption.
#include "nn/scope.h"

namespace anomalyvlm::grounding_dino {

struct TextEnhancerConfig {
  std::int64_t heads = 4;            // half of the image's
  std::int64_t feed_forward = 1024;  // channels within; half of the image's
  float norm_eps = 1e-5F;
};

// x [B, T, C]; positions [B or 1, T, C], added to what is compared and not to what is taken; bias [B or 1,
// heads or 1, T, T]: 0 where the token of the row sees that of the column, a large negative number elsewhere
// -> [B, T, C]. The activation is ReLU, whatever the image's layers use. `at` is
// "transformer.encoder.text_layers.N".
nn::Value enhance_text(const nn::Scope& at, const TextEnhancerConfig& config, const nn::Value& x,
                       const nn::Value& positions, const nn::Value& bias);

// The authors' code mixes the masks of a batch up: head h of caption b gets the mask of caption (b heads + h)
// mod B. bias [B, 1, T, T] -> [B, heads, T, T]. With one caption, or equal ones, it changes nothing; leave it
// out to read each caption as if it were alone. Golden cases with several captions need it.
nn::Value mixed_up_masks(const nn::Value& bias, std::int64_t heads);

}  // namespace anomalyvlm::grounding_dino
