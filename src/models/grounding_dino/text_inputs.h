#pragma once
// The inputs of the graphs that describe captions. They are computed here, so that one compiled graph serves
// all captions of a length.
#include "models/grounding_dino/captions.h"
#include "models/grounding_dino/config.h"

namespace anomalyvlm::grounding_dino {

struct TextInputs {
  Tensor embeddings;  // [B, T, channels of BERT]
  Tensor bert_seen;   // [B, 1, T or 1, T]: 0, or kNotSeen, as attention_bias() gives it; of BERT's layers
  Tensor positions;   // [B, T, channels]: text_positions()
  Tensor phrases;     // [B, 1, T, T]: of the encoder's text layers
  Tensor seen;        // [B, 1, 1, T]: kNotSeen where the text is padding
};

// Captions padded further, to `length` tokens. A token of this padding sees itself alone and no other token
// sees it, so nothing changes for the others.
TextInputs make_text_inputs(const GroundingDinoConfig& config, const WeightFile& weights,
                            const TokenizedCaptions& captions, std::int64_t length);

// The length that captions of so many tokens are padded to: the next power of two from 16 on, but no more
// than max_text. Five lengths at most are ever compiled, and at least half of the tokens are real from 9 on.
std::int64_t padded_length(const GroundingDinoConfig& config, std::int64_t tokens);

}  // namespace anomalyvlm::grounding_dino
