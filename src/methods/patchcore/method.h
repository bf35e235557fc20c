#pragma once
// PatchCore as a Method: it needs references, of which it keeps a coreset.
#include <memory>
#include <string>
#include <vector>

#include "methods/method.h"
#include "methods/patchcore/describer.h"
#include "methods/tiles.h"

namespace anomalyvlm::patchcore {

// `models`: as Method::models(). Tiles overlap by as much as the square that the network sees lacks. resize:
// as DenseMethodOptions. observe() throws Error(kBadInput) for settings without references. The image score
// is the released code's, the highest patch score.
std::unique_ptr<Method> method(std::shared_ptr<const Describer> describer, std::vector<std::string> models,
                               const TileOptions& tiles, int resize);

}  // namespace anomalyvlm::patchcore
