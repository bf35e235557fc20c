#pragma once
// TinyViT (Wu et al., 2022) as MobileSAM (Zhang et al., 2023) uses it: a stem of stride 4, one stage of
// inverted residuals, then stages of attention within windows. Names of weights are MobileSAM's, which keeps
// a classifier ("norm_head", "head") that is never used.
#include <cstdint>
#include <vector>

#include "nn/scope.h"

namespace anomalyvlm {

struct TinyVitConfig {
  std::int64_t image_size = 1024;                        // side of the square input, pixels
  std::vector<std::int64_t> dims = {64, 128, 160, 320};  // channels of each stage
  std::vector<std::int64_t> depths = {2, 2, 6, 2};       // blocks of each stage
  std::vector<std::int64_t> heads = {2, 4, 5, 10};       // the first stage has no attention
  std::vector<std::int64_t> windows = {7, 7, 14, 7};     // side of a window, tokens
  // Of the merging after each stage but the last: MobileSAM's last one keeps the resolution.
  std::vector<std::int64_t> merge_strides = {2, 2, 1};
  double mlp_ratio = 4;
  double conv_expansion = 4;    // of the first stage's inverted residuals
  std::int64_t local_conv = 3;  // kernel of the convolution between attention and MLP, odd

  std::int64_t grid_size() const;  // side of the last stage's map
};

// x [B, 3, H, W] -> [B, dims.back(), H / s, W / s], rounded up at each halving; s: 4 times all merge_strides.
// Throws Error(kBadModel) for lists of unequal lengths.
// Taps: "patch_embed" and "layer0.blockN" [B, C, H, W]; "layerN" (after its merging) and "layerN.blockM"
// [B, H * W, C].
nn::Value tiny_vit(const nn::Scope& at, const TinyVitConfig& config, const nn::Value& x);

}  // namespace anomalyvlm
