#pragma once
// Sine encodings (Vaswani et al., 2017): a number becomes sines and cosines of it at falling frequencies, in
// turn: sin(a f_0), cos(a f_0), sin(a f_1), cos(a f_1), ... with f_i = temperature^(-2 i / width). The
// authors' code has three of them, with different temperatures and orders of the coordinates.
#include <span>

#include "models/grounding_dino/config.h"
#include "models/grounding_dino/levels.h"
#include "nn/ops.h"

namespace anomalyvlm::grounding_dino {

// Where the places of an image lie: [images, places, channels], y in the first half, x in the second. Rows
// and columns count from 1 to the last that is no padding, which is 2 pi.
Tensor image_positions(const GroundingDinoConfig& config, const Levels& levels);

// Of positions within a caption, [captions, tokens] one after the other; one step is 2 pi. -> [captions,
// tokens, channels].
Tensor text_positions(std::span<const std::int64_t> positions, std::int64_t captions, std::int64_t tokens,
                      std::int64_t channels);

// Of boxes [B, Q, 4]: center x and y, width, height as shares of the padded image -> [B, Q, 4 width], in the
// order y, x, width, height. The whole image is 2 pi.
nn::Value box_positions(const nn::Value& boxes, std::int64_t width);

}  // namespace anomalyvlm::grounding_dino
