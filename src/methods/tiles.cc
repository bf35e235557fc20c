#include "methods/tiles.h"

#include <algorithm>
#include <cstring>

#include "core/check.h"

namespace anomalyvlm {
namespace {

struct Span {
  int seen0, seen1, core0, core1;
};

std::vector<Span> cut_side(int length, const TileOptions& options) {
  const int size = std::min(length, options.size);
  std::vector<int> starts;
  for (int at = 0; at + size < length; at += size - options.overlap) starts.push_back(at);
  starts.push_back(length - size);
  std::vector<Span> spans;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const int core0 = i == 0 ? 0 : (starts[i] + starts[i - 1] + size) / 2;
    const int core1 = i + 1 == starts.size() ? length : (starts[i + 1] + starts[i] + size) / 2;
    spans.push_back({starts[i], starts[i] + size, core0, core1});
  }
  return spans;
}

}  // namespace

bool needs_tiles(int width, int height, const TileOptions& options) {
  return options.size > 0 && (width > options.size || height > options.size);
}

std::vector<Tile> cut(int width, int height, const TileOptions& options) {
  AVLM_CHECK(options.size > 0 && options.overlap >= 0 && 2 * options.overlap < options.size);
  std::vector<Tile> tiles;
  for (const Span& down : cut_side(height, options))
    for (const Span& across : cut_side(width, options))
      tiles.push_back({{across.seen0, down.seen0, across.seen1, down.seen1},
                       {across.core0, down.core0, across.core1, down.core1}});
  return tiles;
}

Image crop(const Image& image, const PixelRect& part) {
  Image piece{part.width(), part.height(), {}};
  piece.rgb.resize(static_cast<std::size_t>(piece.width) * static_cast<std::size_t>(piece.height) * 3);
  for (int y = 0; y < piece.height; ++y)
    std::memcpy(piece.row(y), image.row(part.y0 + y) + static_cast<std::size_t>(part.x0) * 3,
                static_cast<std::size_t>(piece.width) * 3);
  return piece;
}

void paste(const FloatMap& map, const Tile& tile, FloatMap& whole) {
  for (int y = tile.core.y0; y < tile.core.y1; ++y)
    for (int x = tile.core.x0; x < tile.core.x1; ++x)
      whole.at(x, y) = map.at(x - tile.seen.x0, y - tile.seen.y0);
}

}  // namespace anomalyvlm
