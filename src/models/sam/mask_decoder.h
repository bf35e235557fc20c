#pragma once
// SAM's mask decoder: a transformer with cross-attention between the prompts' tokens and the image, and heads
// that turn tokens into masks.
#include "models/sam/sam_config.h"

namespace anomalyvlm::sam {

struct Masks {
  nn::Value
      logits;  // [N, 1 + multimask_outputs, 4 h, 4 w]: the single mask, then those for ambiguous prompts
  nn::Value quality;  // [N, 1 + multimask_outputs]: predicted intersection over union
};

// embedding [1, channels, h, w] of one image; places [1, channels, h, w] (place_encoding); sparse [N, P,
// channels] (encode_points), or undefined for prompts without points; dense [N or 1, channels, h or 1, w or
// 1] (encode_masks or no_mask). N is that of sparse, or else of dense. `at` is "mask_decoder".
Masks decode_masks(const nn::Scope& at, const SamConfig& config, const nn::Value& embedding,
                   const nn::Value& places, const nn::Value& sparse, const nn::Value& dense);

}  // namespace anomalyvlm::sam
