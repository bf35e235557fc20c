#pragma once
// Large images cut into tiles, each of which a method sees on its own (paper, IV-E).
#include <vector>

#include "anomalyvlm/region.h"

namespace anomalyvlm {

struct TileOptions {
  int size = 0;     // side of a tile, pixels of the image; 0: no tiles
  int overlap = 0;  // pixels that neighbours share, below size / 2
};

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

}  // namespace anomalyvlm
