#pragma once
// DINOv2's vision transformer. Names of weights are those of the authors' checkpoints
// ("blocks.0.attn.qkv.weight").
#include <vector>

#include "core/extent.h"
#include "models/dinov2/config.h"
#include "nn/scope.h"

namespace anomalyvlm::dinov2 {

// The grid of patches of images [B, 3, H, W]. Throws Error(kBadInput) where a side is not a multiple of the
// patch's, or 0.
Extent grid_of(const Dinov2Config& config, const Shape& images);

// x [B, 3, H, W], RGB, (value - mean) / std of ImageNet; positions [1, 1 + h w, C] of positions()
// -> [B, 1 + registers + h w, C]: the class token, registers, and the patches row by row. Throws as grid_of()
// does, and Error(kBadModel) for a config that cannot be built. Tap: "tokens".
nn::Value image_tokens(const nn::Scope& root, const Dinov2Config& config, const nn::Value& x,
                       const nn::Value& positions);

// tokens [B, T, C] -> the same after block `index`, counted from 0. Tap: "block_N".
nn::Value block(const nn::Scope& root, const Dinov2Config& config, int index, const nn::Value& tokens);

// The norm behind the last block, which dense features of earlier blocks pass too.
nn::Value final_norm(const nn::Scope& root, const Dinov2Config& config, const nn::Value& tokens);

// tokens [B, 1 + registers + h w, C] -> the patches' alone, as a map [B, C, h, w].
nn::Value patch_map(const Dinov2Config& config, const nn::Value& tokens, Extent grid);

// The maps after some blocks, ascending numbers from 0, each through the final norm; later blocks are not
// computed. Throws Error(kBadModel) for blocks that are not there.
std::vector<nn::Value> block_maps(const nn::Scope& root, const Dinov2Config& config, const nn::Value& x,
                                  const nn::Value& positions, const std::vector<int>& blocks);

// Every weight that is read, and patterns of what checkpoints hold besides.
std::vector<ExpectedTensor> expected_tensors(const Dinov2Config& config);
std::vector<std::string> ignorable_tensors();

}  // namespace anomalyvlm::dinov2
