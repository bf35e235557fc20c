#include "models/nano/regions.h"

#include <algorithm>
#include <numeric>

namespace anomalyvlm::nano {
namespace {

constexpr int kNone = -1;

// Cells from high to low, of equal ones the first.
std::vector<int> descending(const FloatMap& map) {
  std::vector<int> cells(map.values.size());
  std::iota(cells.begin(), cells.end(), 0);
  std::stable_sort(cells.begin(), cells.end(), [&](int a, int b) { return map.values[a] > map.values[b]; });
  return cells;
}

// Cells are added from high to low: one without a higher neighbour starts a hill, any other belongs to the
// hill of its highest neighbour, and where hills meet they become one if the valley is shallow.
class Hills {
 public:
  Hills(const FloatMap& map, float valley) : map_(map), valley_(valley), hill_(map.values.size(), kNone) {
    for (const int cell : descending(map)) add(cell);
  }

  // The peak's cell of the hill that a cell belongs to.
  int peak_of(int cell) {
    int hill = hill_[cell];
    while (hill_[hill] != hill) hill = hill_[hill] = hill_[hill_[hill]];
    return hill;
  }

 private:
  void add(int cell) {
    const int x = cell % map_.width, y = cell / map_.width;
    int steepest = kNone;  // neighbour
    std::vector<int> peaks;
    for (int ny = std::max(0, y - 1); ny <= std::min(map_.height - 1, y + 1); ++ny) {
      for (int nx = std::max(0, x - 1); nx <= std::min(map_.width - 1, x + 1); ++nx) {
        const int neighbour = ny * map_.width + nx;
        if (hill_[neighbour] == kNone) continue;
        peaks.push_back(peak_of(neighbour));
        if (steepest == kNone || map_.values[neighbour] > map_.values[steepest]) steepest = neighbour;
      }
    }
    hill_[cell] = steepest == kNone ? cell : peak_of(steepest);
    for (const int peak : peaks) join(peak_of(cell), peak_of(peak), map_.values[cell]);
  }

  void join(int a, int b, float pass) {
    if (a == b) return;
    const bool a_higher = map_.values[a] > map_.values[b] || (map_.values[a] == map_.values[b] && a < b);
    const int high = a_higher ? a : b, low = a_higher ? b : a;
    if (pass >= valley_ * map_.values[low]) hill_[low] = high;
  }

  const FloatMap& map_;
  float valley_;
  std::vector<int>
      hill_;  // per cell: a cell nearer the peak; the peak itself at the peak; kNone: not yet added
};

DenseRegion make_region(const FloatMap& map, int peak, const std::vector<int>& cells) {
  DenseRegion region;
  region.peak_x = peak % map.width;
  region.peak_y = peak / map.width;
  region.peak = map.values[peak];
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

double overlap(const DenseRegion& a, const DenseRegion& b) {
  constexpr float kInside = 0.5F;
  const auto inside = [](const DenseRegion& region, int x, int y) {
    if (x < region.x0 || x >= region.x1 || y < region.y0 || y >= region.y1) return false;
    return region.mask[static_cast<std::size_t>(y - region.y0) * region.width() + (x - region.x0)] > kInside;
  };
  int both = 0, either = 0;
  for (int y = std::min(a.y0, b.y0); y < std::max(a.y1, b.y1); ++y) {
    for (int x = std::min(a.x0, b.x0); x < std::max(a.x1, b.x1); ++x) {
      const bool in_a = inside(a, x, y), in_b = inside(b, x, y);
      both += in_a && in_b;
      either += in_a || in_b;
    }
  }
  return either == 0 ? 0 : static_cast<double>(both) / either;
}

std::vector<DenseRegion> find_regions(const FloatMap& map, const RegionOptions& options) {
  Hills hills(map, options.valley);
  std::vector<std::vector<int>> cells(map.values.size());  // by the peak's cell
  std::vector<int> peaks;
  for (int cell = 0; cell < static_cast<int>(map.values.size()); ++cell) {
    const int peak = hills.peak_of(cell);
    const float height = map.values[peak];
    if (height < options.least_peak || map.values[cell] < options.depth * height) continue;
    if (cells[peak].empty()) peaks.push_back(peak);
    cells[peak].push_back(cell);
  }
  std::sort(peaks.begin(), peaks.end(), [&](int a, int b) {
    return map.values[a] > map.values[b] || (map.values[a] == map.values[b] && a < b);
  });
  std::vector<DenseRegion> regions;
  for (const int peak : peaks) {
    if (static_cast<int>(regions.size()) >= options.most) break;
    regions.push_back(make_region(map, peak, cells[peak]));
  }
  return regions;
}

}  // namespace anomalyvlm::nano
