#pragma once
// The decoder (section 3.3): queries attend to each other, to the text and to the image around their boxes,
// which every layer refines.
#include "models/grounding_dino/config.h"
#include "models/grounding_dino/levels.h"
#include "nn/scope.h"

namespace anomalyvlm::grounding_dino {

struct DecoderInputs {
  nn::Value memory;  // [B, places, channels]: the encoded image
  nn::Value text;    // [B, T, channels]: the encoded text
  nn::Value seen;    // [B, 1, 1, T]: 0, or kNotSeen where the text is padding
  nn::Value
      selected;  // [B, Q, channels]: the rows of memory that were selected, 0 where the anchor is invalid
  nn::Value anchors;  // [B, Q, 4]: the boxes they stand for, as in Anchors
};

struct Decoded {
  nn::Value logits;  // [B, Q, T]: how well each query fits each token of the text, before the sigmoid
  nn::Value boxes;   // [B, Q, 4]: center x and y, width, height as shares of the image without padding
};

// `root` has all of the checkpoint's names below it. Taps: "topk_boxes_unsigmoid", "reference_0" (the first
// boxes) and "reference_N" after layer N - 1, "hs_N" what the norm makes of layer N's queries.
Decoded decode(const nn::Scope& root, const GroundingDinoConfig& config, const Levels& levels,
               const DecoderInputs& inputs);

}  // namespace anomalyvlm::grounding_dino
