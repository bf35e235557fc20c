#include "methods/describe.h"

#include "image/resize.h"

namespace anomalyvlm {
namespace {

std::vector<DescriptorGrid> described(const ImageDescriber& describer, const Image& image, int resize) {
  if (resize == 0) return describer.describe(image);
  std::vector<DescriptorGrid> grids = describer.describe(resize_pil_bilinear(image, resize, resize));
  const float across = static_cast<float>(image.width) / static_cast<float>(resize),
              down = static_cast<float>(image.height) / static_cast<float>(resize);
  for (DescriptorGrid& grid : grids)
    grid.covered = {grid.covered.x0 * across, grid.covered.y0 * down, grid.covered.x1 * across,
                    grid.covered.y1 * down};
  return grids;
}

}  // namespace

std::vector<DescribedPart> described_in_parts(const ImageDescriber& describer, const Image& image,
                                              const TileOptions& tiles, int resize) {
  if (!needs_tiles(image.width, image.height, tiles))
    return {{described(describer, image, resize), {0, 0, image.width, image.height}}};
  std::vector<DescribedPart> parts;
  for (const Tile& tile : cut(image.width, image.height, tiles)) {
    DescribedPart& part = parts.emplace_back(described(describer, crop(image, tile.seen), resize), tile.seen);
    for (DescriptorGrid& grid : part.grids) {
      const auto x0 = static_cast<float>(tile.seen.x0), y0 = static_cast<float>(tile.seen.y0);
      const Box& in_tile = grid.covered;
      const Box covered = {in_tile.x0 + x0, in_tile.y0 + y0, in_tile.x1 + x0, in_tile.y1 + y0};
      grid.places = cell_places(grid, covered, image.width, image.height);
    }
  }
  return parts;
}

}  // namespace anomalyvlm
