#pragma once
// From a normalised image to the tokens that the encoder sees.
#include "models/grounding_dino/config.h"
#include "models/grounding_dino/levels.h"
#include "nn/scope.h"

namespace anomalyvlm::grounding_dino {

// The sizes of the maps that an input of this size becomes: those of the backbone's stages that are used,
// each half as large as the one before, rounded up, and those made from the last of them in the same way.
std::vector<Extent> map_sizes(const GroundingDinoConfig& config, Extent input);

// image [B, 3, H, W] -> [B, places, channels]: the backbone's maps, projected, one after the other. Taps:
// "srcN" [B, channels, h, w], each map.
nn::Value image_features(const nn::Scope& root, const GroundingDinoConfig& config, const nn::Value& image);

}  // namespace anomalyvlm::grounding_dino
