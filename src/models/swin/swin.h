#pragma once
// Swin transformer (Liu et al., 2021) as a backbone of detectors: attention within windows that are shifted
// by half a window in every other block, over maps that shrink by 2 from stage to stage. Names of weights are
// those of the published checkpoints for detection.
#include <cstdint>
#include <string>
#include <vector>

#include "nn/scope.h"

namespace anomalyvlm {

struct SwinConfig {
  std::int64_t patch = 4;                            // side of a patch, pixels
  std::int64_t channels = 96;                        // of the first stage; they double from stage to stage
  std::vector<int> depths = {2, 2, 6, 2};            // blocks of each stage
  std::vector<std::int64_t> heads = {3, 6, 12, 24};  // of each stage
  std::int64_t window = 7;                           // side of a window, tokens
  int first_stage = 1;  // features are those of this stage, counted from 0, and of all after it
  double mlp_ratio = 4;
  bool qkv_bias = true;
  float qk_scale = 0;      // of the scores; 0: 1 / sqrt(channels of a head)
  bool patch_norm = true;  // a LayerNorm behind the patches' projection

  // The two of Grounding DINO's published models.
  static SwinConfig swin_t();  // "swin_T_224_1k"
  static SwinConfig swin_b();  // "swin_B_384_22k": window 12, from training with 384 pixels squared
};

// x [B, 3, H, W] -> of each stage from first_stage on, its normalised map [B, channels 2^stage, h, w]. h and
// w are H and W over patch, halved once a stage, rounded up each time: what is missing at the bottom and the
// right is zeros. Throws Error(kBadModel) for a config of unequal lists, no features, or heads that do not
// divide the channels. Taps: "patch_embed" and "stageN", before their norm, [B, h, w, C].
std::vector<nn::Value> swin_features(const nn::Scope& at, const SwinConfig& config, const nn::Value& x);

// Patterns of what checkpoints hold below `prefix` besides and nothing here reads: the windows' tables of
// indices, int64, which are computed here.
std::vector<std::string> swin_ignorable(const std::string& prefix);

}  // namespace anomalyvlm
