#pragma once
// The role of a pool of reference images, good ones of the same product, that an image is compared with.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "roles/image_describer.h"

namespace anomalyvlm {

// Where a pool has something: a place in one of its images.
struct ReferencePlace {
  std::string image;    // its name
  double x = 0, y = 0;  // pixels of it
};

constexpr int kAlarmingRows = 4;  // the nearest so many, of whose alarms the highest counts

// How each cell of a grid compares with the pool. Distances are 1 - cosine, 0..2.
struct GridComparison {
  int width = 0, height = 0;       // cells
  Box covered;                     // as DescriptorGrid::covered
  std::vector<float> nearest;      // distance to the nearest vector of the pool
  std::vector<float> alarms;       // of the kAlarmingRows nearest; empty without alarms
  std::vector<std::int64_t> rows;  // of the nearest, for ReferencePool::place()
  // Of distances between the pool's own images, each of which was compared with the others: the median, and
  // what one in 500 cells exceeds.
  double usual = 0, high = 0;
};

// Const and usable from several threads.
class ReferencePool {
 public:
  virtual ~ReferencePool() = default;
  // A comparison for each grid, which are those of one image by the describer that the pool was made with.
  virtual std::vector<GridComparison> compare(std::span<const DescriptorGrid> grids) const = 0;
  virtual ReferencePlace place(std::size_t grid, std::int64_t row) const = 0;
};

}  // namespace anomalyvlm
