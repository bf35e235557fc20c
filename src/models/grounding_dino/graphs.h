#pragma once
// The four graphs that Grounding DINO runs as: an image to its tokens; captions to theirs; both to encoded
// ones and the scores of proposals; selected proposals to boxes. Each is given as a request that only lacks
// weights, precision and taps. Names of weights are the checkpoints'.
#include "models/grounding_dino/config.h"
#include "models/grounding_dino/levels.h"
#include "nn/engine.h"

namespace anomalyvlm::grounding_dino {

// How many captions of how many tokens are looked for at once.
struct TextShape {
  std::int64_t captions = 1;
  std::int64_t tokens = 16;
};

// "image" [B, 3, H, W], normalised -> "tokens" [B, places, channels]. Taps: those of image_features().
nn::CompileRequest image_graph(const GroundingDinoConfig& config, const Shape& image);

// "embeddings" and "seen" (TextInputs' embeddings and bert_seen) -> "text" [B, T, channels]. Taps: BERT's,
// "bert" [B, T, channels of BERT], its result.
nn::CompileRequest text_graph(const GroundingDinoConfig& config, const TextShape& text);

// "image" [levels.images(), places, channels], "text" [B, T, channels], "positions", "phrases" and "seen"
// (TextInputs') -> "memory" [B, places, channels], "memory_text" [B, T, channels], "scores" [B, places]. One
// image goes with all captions, or each has its own. Taps: those of encode().
nn::CompileRequest encoder_graph(const GroundingDinoConfig& config, const Levels& levels,
                                 const TextShape& text);

// DecoderInputs' -> "logits" [B, Q, T], "boxes" [B, Q, 4]. Taps: those of decode().
nn::CompileRequest decoder_graph(const GroundingDinoConfig& config, const Levels& levels,
                                 const TextShape& text);

// How many queries there are: config.queries, or fewer where an image has fewer places.
std::int64_t query_count(const GroundingDinoConfig& config, const Levels& levels);

// Every weight that is read, those of BERT's tables among them, and patterns of those that checkpoints hold
// besides: BERT's pooler, tables that are computed here, names that repeat other weights, and what was only
// used in training.
std::vector<ExpectedTensor> expected_tensors(const GroundingDinoConfig& config);
std::vector<std::string> ignorable_tensors(const GroundingDinoConfig& config);

}  // namespace anomalyvlm::grounding_dino
