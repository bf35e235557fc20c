#pragma once
// CLIPSeg (Lueddecke and Ecker, CVPR 2022) as a Method, as the paper's tables compare it: each pixel scores
// the probability that it is what a phrase says, the highest of the prompt's phrases, as they are written.
// The image score is the map's maximum.
#include <memory>
#include <string>
#include <vector>

#include "methods/method.h"
#include "methods/tiles.h"
#include "roles/phrase_segmenter.h"

namespace anomalyvlm::clipseg {

// `models`: as Method::models(). With tiles each is seen as an image of its own. resize: as
// DenseMethodOptions has it.
std::unique_ptr<Method> method(std::shared_ptr<const PhraseSegmenter> segmenter,
                               std::vector<LoadedModel> models, const TileOptions& tiles, int resize);

}  // namespace anomalyvlm::clipseg
