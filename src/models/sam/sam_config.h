#pragma once
// How a model of the family "Segment Anything" is built: SAM (Kirillov et al., 2023) with its ViT encoder, or
// MobileSAM (Zhang et al., 2023) with TinyViT. The defaults are ViT-B's.
#include <array>
#include <variant>
#include <vector>

#include "models/tiny_vit/tiny_vit.h"

namespace anomalyvlm {

// Plain ViT (Li et al., 2022): window attention, with global attention in a few blocks.
struct SamVitConfig {
  std::int64_t image_size = 1024;  // side of the square that the position tables are made for, pixels
  std::int64_t patch = 16;         // side of a patch, pixels
  std::int64_t channels = 768;
  int depth = 12;  // blocks
  std::int64_t heads = 12;
  double mlp_ratio = 4;
  std::int64_t window = 14;  // side of a window, tokens; 0: every block has global attention
  std::vector<int> global_blocks = {2, 5, 8, 11};  // those with global attention
  bool qkv_bias = true;
  bool absolute_positions = true;  // a learned vector for each place of the map
  bool relative_positions = true;  // learned vectors for each distance in y and in x
  float norm_eps = 1e-6F;

  std::int64_t grid_size() const { return image_size / patch; }  // side of the map of tokens
};

struct SamConfig {
  std::variant<SamVitConfig, TinyVitConfig> encoder;
  std::int64_t channels = 256;      // of the image's embedding, of prompts and of the decoder
  std::int64_t mask_channels = 16;  // inside the encoder of mask prompts
  int decoder_depth = 2;            // layers of the two-way transformer
  std::int64_t decoder_heads = 8;
  std::int64_t decoder_mlp = 2048;        // width of its MLPs
  std::int64_t attention_downsample = 2;  // cross attention is so many times narrower
  std::int64_t multimask_outputs = 3;     // masks for an ambiguous prompt, besides the single one
  int iou_depth = 3;                      // linear layers of the head that predicts quality
  std::int64_t iou_channels = 256;        // between them
  std::array<float, 3> pixel_mean = {123.675F, 116.28F, 103.53F};  // grey levels, R first
  std::array<float, 3> pixel_std = {58.395F, 57.12F, 57.375F};
  float mask_threshold = 0;  // logits above it belong to the mask

  static SamConfig vit_t();  // MobileSAM
  static SamConfig vit_b();
  static SamConfig vit_l();
  static SamConfig vit_h();

  std::int64_t image_size() const;  // side of the square that an image is fitted into, pixels
  std::int64_t grid_size() const;   // side of its embedding
};

}  // namespace anomalyvlm
