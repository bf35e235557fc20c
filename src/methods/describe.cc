#include "methods/describe.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "image/resize.h"
#include "image/views.h"

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

constexpr double kDarker = 0.85, kBrighter = 1.15;

// How a view came from the image.
struct View {
  double degrees = 0;       // first turned, as by rotated()
  int right = 0, down = 0;  // then moved, in pixels

  // From a place in the view to that in the image, as shares of its size.
  void undo(float& across, float& along, const Image& image) const {
    const double angle = degrees * std::numbers::pi / 180,
                 x = (static_cast<double>(across) - 0.5) * image.width - right,
                 y = (static_cast<double>(along) - 0.5) * image.height - down;
    const double back_x = (x * std::cos(angle) - y * std::sin(angle)) / image.width + 0.5,
                 back_y = (x * std::sin(angle) + y * std::cos(angle)) / image.height + 0.5;
    across = static_cast<float>(std::clamp(back_x, 0.0, 1.0));
    along = static_cast<float>(std::clamp(back_y, 0.0, 1.0));
  }
};

// Of the finest grid, in whole pixels: interpolation would blur what is compared.
std::pair<int, int> half_a_cell(const std::vector<DescribedPart>& described) {
  double width = HUGE_VAL, height = HUGE_VAL;
  for (const DescriptorGrid& grid : described.front().grids) {
    width = std::min(width, static_cast<double>(grid.covered.width()) / grid.width);
    height = std::min(height, static_cast<double>(grid.covered.height()) / grid.height);
  }
  return {std::max(1, static_cast<int>(std::lround(width / 2))),
          std::max(1, static_cast<int>(std::lround(height / 2)))};
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

std::vector<DescribedPart> described_views(const Method& method, const Image& image,
                                           const ReferenceOptions& options) {
  std::vector<DescribedPart> all = method.describe(image);
  const auto [right, down] = half_a_cell(all);
  const auto add = [&](const Image& pixels, const View& view) {
    for (DescribedPart& part : method.describe(pixels)) {
      for (DescriptorGrid& grid : part.grids)
        for (std::size_t cell = 0; cell < grid.cells(); ++cell)
          view.undo(grid.places[2 * cell], grid.places[2 * cell + 1], image);
      all.push_back(std::move(part));
    }
  };
  for (int k = 0; k < options.rotations; ++k) {
    const double degrees = 360.0 * k / options.rotations;
    const Image turned = k > 0 ? rotated(image, degrees) : image;
    if (k > 0) add(turned, {.degrees = degrees});
    if (!options.variations) continue;
    add(moved(turned, right, down), {.degrees = degrees, .right = right, .down = down});
    for (const double light : {kDarker, kBrighter}) add(lit(turned, light), {.degrees = degrees});
  }
  return all;
}

}  // namespace anomalyvlm
