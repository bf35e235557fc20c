#pragma once
// WinCLIP as a Method. Of a prompt it reads the object's name.
#include <memory>
#include <string>
#include <vector>

#include "methods/method.h"
#include "methods/tiles.h"
#include "methods/winclip/winclip.h"

namespace anomalyvlm::winclip {

// `models`: as Method::models(). With tiles each is seen as an image of its own. resize: as
// DenseMethodOptions has it. Sentences are encoded once for each object. Without an object they are about
// "object", and a note says so.
std::unique_ptr<Method> method(WinClip winclip, std::vector<LoadedModel> models, const TileOptions& tiles,
                               int resize);

}  // namespace anomalyvlm::winclip
