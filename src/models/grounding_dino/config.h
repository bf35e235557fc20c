#pragma once
// How Grounding DINO (Liu et al., 2023) is built. The defaults are what the published models have in common.
#include <vector>

#include "models/bert/bert.h"
#include "models/grounding_dino/bi_attention.h"
#include "models/grounding_dino/image_input.h"
#include "models/grounding_dino/text_enhancer.h"
#include "models/swin/swin.h"
#include "nn/ops.h"

namespace anomalyvlm {

struct GroundingDinoConfig {
  grounding_dino::ImageInputConfig input;
  SwinConfig backbone = SwinConfig::swin_t();
  BertConfig text;
  std::int64_t channels = 256;       // of image and text tokens and of queries
  std::int64_t heads = 8;            // of the image's attention and the decoder's
  std::int64_t feed_forward = 2048;  // channels within
  int encoder_layers = 6;
  int decoder_layers = 6;
  int levels = 4;                   // maps of features: the backbone's, and further ones made from its last
  std::int64_t encoder_points = 4;  // sampling points on each map, for each head
  std::int64_t decoder_points = 4;
  std::int64_t queries = 900;               // boxes that come out
  std::int64_t max_text = 256;              // tokens of a caption; what is longer is cut off
  nn::Unary activation = nn::Unary::kRelu;  // of the image's and the decoder's layers; the text's is ReLU
  float temperature_y = 20, temperature_x = 20;  // of the image's position encoding
  bool fusion = true;                            // cross-attention between image and text in the encoder
  bool text_enhancer = true;                     // self-attention of the text there
  bool text_cross_attention = true;              // cross-attention of the queries to the text
  bool learned_queries = true;  // queries start as learned vectors, else as what was selected
  bool sub_sentences = true;    // a phrase does not attend to other phrases in BERT, either
  // Whether captions of one batch mix their masks up in the encoder, as in the authors' code: see
  // text_enhancer.h. Without it each caption is read as if it were alone.
  bool mixed_up_masks = false;
  float norm_eps = 1e-5F;
  std::int64_t group_norm_groups = 32;  // of the projection in front of the encoder

  static GroundingDinoConfig swin_t();
  static GroundingDinoConfig swin_b();

  // The fusion and the text's layers are half as wide as the image's.
  grounding_dino::BiAttentionConfig fusion_config() const { return {feed_forward / 2, heads / 2, norm_eps}; }
  grounding_dino::TextEnhancerConfig text_enhancer_config() const {
    return {heads / 2, feed_forward / 2, norm_eps};
  }
};

}  // namespace anomalyvlm
