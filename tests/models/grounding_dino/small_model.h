#pragma once
// A Grounding DINO of a few channels with randomly initialised weights, and a vocabulary of a few words.
#include "models/grounding_dino/grounding_dino.h"
#include "models/random_model.h"

namespace anomalyvlm::test {

inline WordPieceTokenizer small_tokenizer() {
  return WordPieceTokenizer({"[PAD]", "[UNK]", "[CLS]", "[SEP]", ".", "?", "crack", "hole", "white", "print",
                             "cut", "##s", "blow", "a"});
}

inline GroundingDinoConfig small_grounding_dino() {
  GroundingDinoConfig config;
  config.backbone.channels = 8;
  config.backbone.depths = {1, 2, 1, 1};
  config.backbone.heads = {1, 2, 2, 4};
  config.backbone.window = 4;
  config.text.vocabulary = 16;
  config.text.channels = 8;
  config.text.layers = 1;
  config.text.heads = 2;
  config.text.feed_forward = 12;
  config.text.positions = 40;
  config.channels = 32;
  config.heads = 4;
  config.feed_forward = 24;
  config.encoder_layers = 2;
  config.decoder_layers = 2;
  config.encoder_points = 2;
  config.decoder_points = 3;
  config.queries = 20;
  config.group_norm_groups = 8;
  return config;
}

inline std::shared_ptr<const WeightFile> small_weights(const GroundingDinoConfig& config) {
  return random_weights(grounding_dino::expected_tensors(config), 41);
}

}  // namespace anomalyvlm::test
