#pragma once
// Describing a reference image as a method sees images: in tiles, squashed.
#include <vector>

#include "methods/tiles.h"
#include "roles/image_describer.h"

namespace anomalyvlm {

// The parts cover the image. resize: of the square that the image, or each tile, is first squashed to; 0:
// none.
std::vector<DescribedPart> described_in_parts(const ImageDescriber& describer, const Image& image,
                                              const TileOptions& tiles, int resize);

}  // namespace anomalyvlm
