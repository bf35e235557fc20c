#pragma once
// Deformable attention (Deformable DETR, Zhu et al., 2021): each query samples a few points of every map
// around its reference, in the image's encoder and in the decoder.
#include "models/grounding_dino/levels.h"
#include "nn/scope.h"

namespace anomalyvlm::grounding_dino {

struct MsDeformAttnConfig {
  std::int64_t heads = 8;
  std::int64_t points = 4;  // on each map, for each head
};

// query [B, Q, C'], reference [1 or B, Q, maps, 2 or 4] as shares of the padded maps, memory [B, places, C];
// padding [images, places]: 1 where a place counts as zeros, undefined where none does -> [B, Q, C].
// Positions are part of the query already.
nn::Value ms_deform_attn(const nn::Scope& at, const MsDeformAttnConfig& config, const nn::Value& query,
                         const nn::Value& reference, const nn::Value& memory, const std::vector<Extent>& maps,
                         const nn::Value& padding);

// The padding that ms_deform_attn() takes.
nn::Value padding_of(const Levels& levels, const nn::Value& like);

}  // namespace anomalyvlm::grounding_dino
