#pragma once
// Describing a reference image as a method sees images, in tiles or squashed, and as it might have been
// taken.
#include <vector>

#include "methods/method.h"
#include "methods/tiles.h"
#include "roles/image_describer.h"

namespace anomalyvlm {

// The parts cover the image. resize: of the square that the image, or each tile, is first squashed to; 0:
// none.
std::vector<DescribedPart> described_in_parts(const ImageDescriber& describer, const Image& image,
                                              const TileOptions& tiles, int resize);

// The image as it is, and in the other views that the options ask for: turned, and each of these moved,
// darker and brighter. Places are always those of the image as it is.
std::vector<DescribedPart> described_views(const Method& method, const Image& image,
                                           const ReferenceOptions& options);

}  // namespace anomalyvlm
