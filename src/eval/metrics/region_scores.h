#pragma once
// Predicted regions of many images against the marked ones, one to one.
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "anomalyvlm/detection.h"
#include "eval/metrics/figures.h"
#include "eval/metrics/truth.h"

namespace anomalyvlm::eval {

// A mask cut to a rectangle of the image; what is above 0.5 counts. Of the truth's size, not the image's.
struct RegionView {
  int x0 = 0, y0 = 0, width = 0, height = 0;
  std::span<const float> values;  // height * width, row by row

  RegionView() = default;
  RegionView(int x0, int y0, int width, int height, std::span<const float> values)
      : x0(x0), y0(y0), width(width), height(height), values(values) {}
  RegionView(const RegionMask& mask)  // NOLINT: a mask is a view of itself
      : RegionView(mask.x0, mask.y0, mask.width, mask.height, mask.values) {}
};

struct ScoredRegion {
  double score = 0;  // S^r
  RegionView region;
};

// One object for each kind of image, as PixelScores.
class RegionScores {
 public:
  // One image: the highest score first (of equal ones the first given), each region is matched with the
  // marked one of highest IoU that is still free, if that is at least 0.6. The IoU is of masks; where the
  // truth is boxes, of the region's bounding box and the box. Throws Error(kBadInput), and has added nothing,
  // for a region beyond the image, one with too few values, and a score that is not finite.
  void add(std::span<const ScoredRegion> regions, const PreparedTruth& truth);

  void append(const RegionScores& other);  // the images of another one

  std::uint64_t marked() const { return marked_; }  // regions of the truth

 private:
  friend struct RegionFigures measure_regions(std::span<const RegionScores* const> parts);

  std::vector<std::pair<double, bool>> scored_;  // predicted regions; whether matched
  std::uint64_t marked_ = 0;
};

struct RegionFigures {
  Figure f1, threshold;  // the highest F1 over all thresholds of the score; the lowest that gives it
  std::uint64_t marked = 0;
};

// All of `parts` as one set. F1 is 0 where regions are marked and none was predicted; it has no threshold
// then.
RegionFigures measure_regions(std::span<const RegionScores* const> parts);

}  // namespace anomalyvlm::eval
