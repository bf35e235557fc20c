#pragma once
// SAM's image encoder: from a normalised image to its embedding.
#include "models/sam/sam_config.h"

namespace anomalyvlm::sam {

// x [B, 3, H, W] -> [B, config.channels, h, w]. A ViT with absolute positions takes squares of its image_size
// only; one without them, and TinyViT, any H and W of whole patches. Names of weights are those below
// "image_encoder".
// Taps: of ViT "tokens_in", "block_N" [B, h, w, C]; those of TinyViT; "image_embedding", the result.
nn::Value encode_image(const nn::Scope& at, const SamConfig& config, const nn::Value& x);

// One row for each distance of two places on a line of `extent` tokens, negative distances first
// -> [extent, extent, D], where entry (i, j) belongs to the distance i - j. A table of another length is
// stretched linearly to 2 extent - 1 rows first (Li et al., 2022).
nn::Value relative_positions(const nn::Value& table, std::int64_t extent);

// What the distances of places add to the scores of attention within an h x w map: q [B, heads, h w, D], not
// scaled; relative_positions() of the rows [h, h, D] and of the columns [w, w, D] -> [B, heads, h w, h w].
nn::Value relative_bias(const nn::Value& q, const nn::Value& rows, const nn::Value& columns);

}  // namespace anomalyvlm::sam
