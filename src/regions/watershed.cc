#include "regions/watershed.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace anomalyvlm {
namespace {

constexpr int kNone = -1;

// Cells from high to low, of equal ones the first.
std::vector<int> descending(const FloatMap& map) {
  std::vector<int> cells(map.values.size());
  std::iota(cells.begin(), cells.end(), 0);
  std::stable_sort(cells.begin(), cells.end(), [&](int a, int b) { return map.values[a] > map.values[b]; });
  return cells;
}

// Cells are added from high to low: one without a higher neighbour starts a basin, any other belongs to the
// basin of its highest neighbour, and where basins meet they become one if the valley is shallow.
class Basins {
 public:
  Basins(const FloatMap& map, float valley) : map_(map), valley_(valley), basin_(map.values.size(), kNone) {
    for (const int cell : descending(map)) add(cell);
  }

  // The peak's cell of the basin that a cell belongs to.
  int peak_of(int cell) {
    int basin = basin_[cell];
    while (basin_[basin] != basin) basin = basin_[basin] = basin_[basin_[basin]];
    return basin;
  }

 private:
  void add(int cell) {
    const int x = cell % map_.width, y = cell / map_.width;
    int steepest = kNone;  // neighbour
    std::vector<int> peaks;
    for (int ny = std::max(0, y - 1); ny <= std::min(map_.height - 1, y + 1); ++ny) {
      for (int nx = std::max(0, x - 1); nx <= std::min(map_.width - 1, x + 1); ++nx) {
        const int neighbour = ny * map_.width + nx;
        if (basin_[neighbour] == kNone) continue;
        peaks.push_back(peak_of(neighbour));
        if (steepest == kNone || map_.values[neighbour] > map_.values[steepest]) steepest = neighbour;
      }
    }
    basin_[cell] = steepest == kNone ? cell : peak_of(steepest);
    for (const int peak : peaks) join(peak_of(cell), peak_of(peak), map_.values[cell]);
  }

  void join(int a, int b, float pass) {
    if (a == b) return;
    const bool a_higher = map_.values[a] > map_.values[b] || (map_.values[a] == map_.values[b] && a < b);
    const int high = a_higher ? a : b, low = a_higher ? b : a;
    if (pass >= valley_ * map_.values[low]) basin_[low] = high;
  }

  const FloatMap& map_;
  float valley_;
  std::vector<int>
      basin_;  // per cell: a cell nearer the peak; the peak itself at the peak; kNone: not yet added
};

WatershedRegion make_region(const FloatMap& map, int peak, const std::vector<int>& cells) {
  WatershedRegion region{
      .mask = {}, .peak_x = peak % map.width, .peak_y = peak / map.width, .peak = map.values[peak]};
  PixelRect rect{map.width, map.height, 0, 0};
  for (const int cell : cells) {
    const int x = cell % map.width, y = cell / map.width;
    rect = {std::min(rect.x0, x), std::min(rect.y0, y), std::max(rect.x1, x + 1), std::max(rect.y1, y + 1)};
  }
  const auto width = static_cast<std::size_t>(rect.width());
  std::vector<float> values(width * static_cast<std::size_t>(rect.height()), 0.0F);
  for (const int cell : cells) {
    const auto x = static_cast<std::size_t>(cell % map.width - rect.x0),
               y = static_cast<std::size_t>(cell / map.width - rect.y0);
    values[y * width + x] = map.values[cell] / region.peak;
  }
  region.mask = Region::soft(rect, std::move(values));
  return region;
}

}  // namespace

std::vector<WatershedRegion> watershed(const FloatMap& map, const WatershedOptions& options) {
  Basins basins(map, options.valley);
  std::vector<std::vector<int>> cells(map.values.size());  // by the peak's cell
  std::vector<int> peaks;
  for (int cell = 0; cell < static_cast<int>(map.values.size()); ++cell) {
    const int peak = basins.peak_of(cell);
    const float height = map.values[peak];
    if (height < options.least_peak || map.values[cell] < options.depth * height) continue;
    if (cells[peak].empty()) peaks.push_back(peak);
    cells[peak].push_back(cell);
  }
  std::sort(peaks.begin(), peaks.end(), [&](int a, int b) {
    return map.values[a] > map.values[b] || (map.values[a] == map.values[b] && a < b);
  });
  std::vector<WatershedRegion> regions;
  for (const int peak : peaks) {
    if (static_cast<int>(regions.size()) >= options.most) break;
    regions.push_back(make_region(map, peak, cells[peak]));
  }
  return regions;
}

}  // namespace anomalyvlm
