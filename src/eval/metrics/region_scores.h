#pragma once
// Predicted regions of many images against the marked ones, one to one.
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "eval/metrics/metric_values.h"
#include "eval/metrics/prepared_ground_truth.h"
#include "regions/combine.h"

namespace anomalyvlm::eval {

// One object for each kind of image, as PixelScores.
class RegionScores {
 public:
  // One image, its regions in pixels of the ground truth: the highest score first (of equal ones the first
  // given), each region is matched with the marked one of highest IoU that is still free, if that is at least
  // 0.6. The IoU is of masks; where the ground truth is boxes, of the region's bounding box and the box.
  // Throws Error(kBadInput), and has added nothing, for a region beyond the ground truth, and a score that is
  // not finite.
  void add(std::span<const ScoredRegion> regions, const PreparedGroundTruth& truth);

  void append(const RegionScores& other);  // the images of another one

  std::uint64_t marked() const { return marked_; }  // regions of the ground truth

 private:
  friend struct RegionMetrics measure_regions(std::span<const RegionScores* const> parts);

  std::vector<std::pair<double, bool>> scored_;  // predicted regions; whether matched
  std::uint64_t marked_ = 0;
};

struct RegionMetrics {
  MetricValue f1, threshold;  // the highest F1 over all thresholds of the score; the lowest that gives it
  std::uint64_t marked = 0;
};

// All of `parts` as one set. F1 is 0 where regions are marked and none was predicted; it has no threshold
// then.
RegionMetrics measure_regions(std::span<const RegionScores* const> parts);

}  // namespace anomalyvlm::eval
