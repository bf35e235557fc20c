#pragma once
// PatchCore as a Method: it needs references, of which it keeps a coreset.
#include <memory>
#include <string>
#include <vector>

#include "methods/method.h"
#include "methods/patchcore/describer.h"
#include "methods/tiles.h"

namespace anomalyvlm::patchcore {

// The image score: the highest patch score (squared distance) as released, or the paper's, which weights the
// distance by how usual its nearest row is among the kNeighbourhood rows around that (reweighted_score(); the
// paper names no number).
enum class ImageScore { kReleased, kPaper };
constexpr int kNeighbourhood = 9;

// `models`: as Method::models(). Tiles overlap by as much as the square that the network sees lacks. resize:
// as DenseMethodOptions. observe() throws Error(kBadInput) for settings without references.
std::unique_ptr<Method> method(std::shared_ptr<const Describer> describer, std::vector<LoadedModel> models,
                               const TileOptions& tiles, int resize,
                               ImageScore score = ImageScore::kReleased);

}  // namespace anomalyvlm::patchcore
