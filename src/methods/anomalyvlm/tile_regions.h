#pragma once
// Regions found in the tiles of an image, merged across their borders.
#include <cstdint>
#include <span>
#include <vector>

#include "anomalyvlm/detection.h"
#include "methods/anomalyvlm/pipeline.h"
#include "methods/tiles.h"

namespace anomalyvlm {

// A candidate that was found in a tile, in pixels of the image.
struct TileCandidate {
  Candidate candidate;
  std::size_t tile = 0;
  const TextQuery* asked = nullptr;
};

// Regions of neighbouring tiles that show the same thing become one: those whose masks agree where both tiles
// see them, or, without overlap, along the border. One region of a tile joins at most one of each neighbour,
// best agreement first. The joined one has the larger value of the masks at each place, the box around both
// proposals' boxes as its own, and phrase and confidence of the more confident one. A region is a rectangle,
// so that a slanted line takes far more memory as a whole than in its tiles: of more than `memory` bytes the
// most confident regions stay that fit; `left_out`, if given, is the number of the others.
std::vector<TileCandidate> join(std::vector<TileCandidate> candidates, std::span<const Tile> tiles,
                                std::size_t memory = SIZE_MAX, std::size_t* left_out = nullptr);

}  // namespace anomalyvlm
