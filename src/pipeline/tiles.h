#pragma once
// Large images cut into tiles, each of which the models see on its own (paper, IV-E), and one image again of
// what was found in them.
#include <cstdint>
#include <span>
#include <vector>

#include "anomalyvlm/detection.h"
#include "pipeline/pipeline.h"

namespace anomalyvlm {

struct Tile {
  PixelRect seen;  // what the models get
  PixelRect core;  // its share of the image: up to the middle of what it shares with its neighbours
};

// Whether the image is larger than one tile.
bool needs_tiles(int width, int height, const TileOptions& options);

// Row by row, all of one size: the last of a row or column moves inwards. A side shorter than a tile is one
// tile.
std::vector<Tile> cut(int width, int height, const TileOptions& options);

Image crop(const Image& image, const PixelRect& part);
// Copies the tile's core out of a map of the tile.
void paste(const FloatMap& map, const Tile& tile, FloatMap& whole);

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
