#pragma once
// CLIP as a TextImageEncoder. Images of any shape are squashed to the square that it takes.
#include <memory>

#include "models/clip/image_encoder.h"
#include "models/clip/text_encoder.h"
#include "roles/text_image_encoder.h"

namespace anomalyvlm {

std::shared_ptr<const TextImageEncoder> clip_encoder(std::shared_ptr<const WeightFile> weights,
                                                     std::shared_ptr<nn::Engine> engine,
                                                     nn::Precision precision, const clip::ClipConfig& config,
                                                     clip::Tokenizer tokenizer);

}  // namespace anomalyvlm
