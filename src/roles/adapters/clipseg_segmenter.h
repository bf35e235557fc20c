#pragma once
// CLIPSeg as a PhraseSegmenter. Images of any shape are squashed to the square that it takes.
#include <memory>

#include "models/clipseg/clipseg.h"
#include "roles/phrase_segmenter.h"

namespace anomalyvlm {

// Phrases are encoded once.
// weights: as ClipSeg takes them.
std::shared_ptr<const PhraseSegmenter> clipseg_segmenter(std::shared_ptr<const WeightFile> weights,
                                                         std::shared_ptr<nn::Engine> engine,
                                                         nn::Precision precision,
                                                         const clipseg::ClipSegConfig& config,
                                                         clip::Tokenizer tokenizer);

}  // namespace anomalyvlm
