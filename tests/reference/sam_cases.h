#pragma once
// What the kinds of SAM share: reading case.json's "config" in the authors' field names, running a graph,
// and taking the places that a case keeps.
#include "models/sam/graphs.h"
#include "reference/images.h"
#include "reference/run_graph.h"

namespace anomalyvlm::golden {

// An image encoder with "embed_dims" is TinyViT. Throws NotSupported for settings that are not.
TinyVitConfig read_tiny_vit_config(const nlohmann::json& config);
SamConfig read_sam_config(const nlohmann::json& config);

// [height, width].
sam::PixelSize read_size(const nlohmann::json& pair);

// Tensor [.., begin to end along axis 1, ..].
Tensor channels_of(const Tensor& x, std::int64_t begin, std::int64_t end);

// Of a square map of so many tokens.
std::int64_t side_of(std::int64_t tokens);
// Tokens [B, L, C] of a square map -> [B, side, side, C].
Tensor as_map(const Tensor& tokens);

}  // namespace anomalyvlm::golden
