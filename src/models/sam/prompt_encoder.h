#pragma once
// SAM's prompt encoder. A box is two points; a point's kind says what it means.
#include "models/sam/sam_config.h"

namespace anomalyvlm::sam {

// The columns of `kinds` below: learned vectors of the checkpoint.
enum PointKind { kNotAPoint, kBackground, kForeground, kBoxStart, kBoxEnd };
constexpr std::int64_t kPointKinds = 5;

struct PixelSize {
  std::int64_t height, width;
};

// points [N, P, 2]: x, y in pixels of the network's input, whose size is `input`. kinds [N, P, kPointKinds]:
// 1 in the column of the point's kind, 0 elsewhere -> [N, P, channels]. A kNotAPoint has no place: only its
// vector counts. `at` is "prompt_encoder", here and below.
nn::Value encode_points(const nn::Scope& at, const SamConfig& config, PixelSize input,
                        const nn::Value& points, const nn::Value& kinds);

// Logits of masks [N, 1, 4 h, 4 w], such as the decoder gives -> [N, channels, h, w].
nn::Value encode_masks(const nn::Scope& at, const SamConfig& config, const nn::Value& masks);

// What stands for "no mask": [1, channels, 1, 1].
nn::Value no_mask(const nn::Scope& at, const SamConfig& config);

// Where each place of an h x w map lies: [1, channels, h, w].
nn::Value place_encoding(const nn::Scope& at, const SamConfig& config, const nn::Value& like,
                         std::int64_t height, std::int64_t width);

}  // namespace anomalyvlm::sam
