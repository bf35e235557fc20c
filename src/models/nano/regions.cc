#include "models/nano/regions.h"

#include <algorithm>
#include <cstdint>

namespace anomalyvlm::nano {
namespace {

// Calls visit(x, y) for the up to eight neighbours of a cell.
template <typename Visit>
void for_neighbours(const FloatMap& map, int x, int y, Visit&& visit) {
  for (int ny = std::max(0, y - 1); ny <= std::min(map.height - 1, y + 1); ++ny) {
    for (int nx = std::max(0, x - 1); nx <= std::min(map.width - 1, x + 1); ++nx) {
      if (nx != x || ny != y) visit(nx, ny);
    }
  }
}

bool is_peak(const FloatMap& map, int x, int y) {
  const float value = map.at(x, y);
  bool highest = true;
  for_neighbours(map, x, y, [&](int nx, int ny) { highest = highest && map.at(nx, ny) <= value; });
  return highest;
}

std::vector<int> peaks(const FloatMap& map, float least) {
  std::vector<int> found;
  for (int y = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x) {
      if (map.at(x, y) >= least && is_peak(map, x, y)) found.push_back(y * map.width + x);
    }
  }
  std::stable_sort(found.begin(), found.end(), [&](int a, int b) { return map.values[a] > map.values[b]; });
  return found;
}

// The free cells connected to `seed` that are at least `level` high; they are taken.
std::vector<int> flood(const FloatMap& map, int seed, float level, std::vector<std::uint8_t>& taken) {
  std::vector<int> cells = {seed};
  taken[seed] = 1;
  for (std::size_t next = 0; next < cells.size(); ++next) {
    for_neighbours(map, cells[next] % map.width, cells[next] / map.width, [&](int x, int y) {
      const int cell = y * map.width + x;
      if (taken[cell] || map.values[cell] < level) return;
      taken[cell] = 1;
      cells.push_back(cell);
    });
  }
  return cells;
}

DenseRegion make_region(const FloatMap& map, int seed, const std::vector<int>& cells) {
  DenseRegion region;
  region.peak_x = seed % map.width;
  region.peak_y = seed / map.width;
  region.peak = map.values[seed];
  region.x0 = map.width;
  region.y0 = map.height;
  for (const int cell : cells) {
    region.x0 = std::min(region.x0, cell % map.width);
    region.x1 = std::max(region.x1, cell % map.width + 1);
    region.y0 = std::min(region.y0, cell / map.width);
    region.y1 = std::max(region.y1, cell / map.width + 1);
  }
  region.mask.assign(static_cast<std::size_t>(region.width()) * region.height(), 0.0F);
  for (const int cell : cells) {
    const int x = cell % map.width - region.x0, y = cell / map.width - region.y0;
    region.mask[static_cast<std::size_t>(y) * region.width() + x] = map.values[cell] / region.peak;
  }
  return region;
}

}  // namespace

std::vector<DenseRegion> find_regions(const FloatMap& map, const RegionOptions& options) {
  std::vector<std::uint8_t> taken(map.values.size(), 0);
  std::vector<DenseRegion> regions;
  for (const int seed : peaks(map, options.least_peak)) {
    if (static_cast<int>(regions.size()) >= options.most) break;
    if (taken[seed]) continue;
    regions.push_back(make_region(map, seed, flood(map, seed, options.depth * map.values[seed], taken)));
  }
  return regions;
}

}  // namespace anomalyvlm::nano
