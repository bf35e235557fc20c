#pragma once
// The feature enhancer (section 3.2): each layer has cross-attention between image and text, self-attention
// of the text within its phrases, and deformable self-attention of the image.
#include "models/grounding_dino/bi_attention.h"
#include "models/grounding_dino/config.h"
#include "models/grounding_dino/levels.h"

namespace anomalyvlm::grounding_dino {

struct EncoderInputs {
  nn::Value image;      // [1 or B, places, channels]: the projected features of all maps, one after the other
  nn::Value text;       // [B, T, channels]
  nn::Value positions;  // [B, T, channels]: text_positions()
  nn::Value phrases;    // [B, 1, T, T]: 0, or kNotSeen where the token of the row does not see the column's
  nn::Value seen;       // [B, 1, 1, T]: 0, or kNotSeen where the text is padding
};

// Of each image, or of one image for each text. `at` is "transformer". Taps: "encN.fusion_l" and
// "encN.memory_text", the text after the fusion and at the end of layer N.
ImageAndText encode(const nn::Scope& at, const GroundingDinoConfig& config, const Levels& levels,
                    const EncoderInputs& inputs);

// How well each place fits the text at best, as a proposal: [B, places]. What an invalid anchor stands for
// counts as zeros.
nn::Value proposal_scores(const nn::Scope& at, const GroundingDinoConfig& config, const Levels& levels,
                          const ImageAndText& encoded, const nn::Value& seen);

}  // namespace anomalyvlm::grounding_dino
