#include "references/mutual.h"

#include <algorithm>
#include <cmath>

namespace anomalyvlm {
namespace {

constexpr float kSame = 2e-4F;    // mean distance to the same image, whose rows are stored in bfloat16
constexpr float kNoneWithin = 1;  // the distance where an image has no row within reach

struct Nearest {
  float distance = kNoneWithin;
  std::int64_t row = 0;
};

// Of each cell the nearest row of one image; nothing if it is the same image.
std::vector<Nearest> nearest_in(const RowPool& image, std::int64_t first_row, const DescriptorGrid& grid,
                                float reach) {
  const NearestQuestion question{1, reach};
  const NearestRows found =
      nearest({&image, 1}, grid.vectors, grid.size, {&question, 1}, grid.places).front();
  std::vector<Nearest> cells(grid.cells());
  double sum = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (found.indices[i] >= 0) cells[i] = {found.distances[i] / 2, first_row + found.indices[i]};
    sum += static_cast<double>(cells[i].distance);
  }
  if (sum < static_cast<double>(kSame) * static_cast<double>(cells.size())) cells.clear();
  return cells;
}

}  // namespace

GridComparison compare_mutually(std::span<const RowPool> images, std::span<const float> alarms,
                                const DescriptorGrid& grid, float reach) {
  GridComparison out;
  out.width = grid.width;
  out.height = grid.height;
  out.covered = grid.covered;
  std::vector<std::vector<Nearest>> by_image;
  std::int64_t first = 0;
  for (const RowPool& image : images) {
    if (image.count() > 0) {
      std::vector<Nearest> cells = nearest_in(image, first, grid, reach);
      if (!cells.empty()) by_image.push_back(std::move(cells));
    }
    first += image.count();
  }
  const std::size_t count = by_image.size();
  const auto similar = std::max<std::size_t>(
      1, static_cast<std::size_t>(std::lround(kMutualShare * static_cast<double>(count))));
  std::vector<Nearest> cell(count);
  for (std::size_t i = 0; i < grid.cells(); ++i) {
    for (std::size_t k = 0; k < count; ++k) cell[k] = by_image[k][i];
    float sum = 0, alarm = 0;
    if (count > 0) {
      std::partial_sort(cell.begin(), cell.begin() + static_cast<std::ptrdiff_t>(similar), cell.end(),
                        [](const Nearest& a, const Nearest& b) { return a.distance < b.distance; });
      for (std::size_t k = 0; k < similar; ++k) {
        sum += cell[k].distance;
        if (!alarms.empty()) alarm += alarms[static_cast<std::size_t>(cell[k].row)];
      }
    } else {
      sum = kNoneWithin;
    }
    const float mean = sum / static_cast<float>(similar);
    out.nearest.push_back(mean);
    out.rows.push_back(count > 0 ? cell[0].row : 0);
    if (!alarms.empty()) out.alarms.push_back(alarm / static_cast<float>(similar));
  }
  return out;
}

}  // namespace anomalyvlm
