#pragma once
// UTAD as a Method.
#include <memory>
#include <string>
#include <vector>

#include "methods/method.h"
#include "methods/tiles.h"
#include "methods/utad/utad.h"

namespace anomalyvlm::utad {

// `models`: as Method::models(). With tiles each is seen as an image of its own; since UTAD knows nothing of
// a tenth of an image at each border, they overlap by a fifth at least. resize: the image or tile is first
// squashed to resize x resize pixels, and the map enlarged; 0: it is not.
std::unique_ptr<Method> method(Utad utad, std::vector<LoadedModel> models, const TileOptions& tiles,
                               int resize);

}  // namespace anomalyvlm::utad
