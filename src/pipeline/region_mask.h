#pragma once
// Soft masks that are cut to their region: making, scaling, combining them.
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "anomalyvlm/detection.h"
#include "pipeline/measure.h"

namespace anomalyvlm {

// Cut to where the map is above 0.
RegionMask to_region(const FloatMap& map);
RegionMask to_region(MaskView mask);

RegionMask binarised(const RegionMask& mask);  // R > 0.5 as 0 and 1, cut to the ones

std::optional<Box> box_of(const RegionMask& mask);  // the smallest around R > 0.5; none without such pixels

// From a grid of from_width x from_height cells over the whole image to the image's width x height pixels:
// bilinear between the centres of cells, cut to what is above 0.
RegionMask scaled(const RegionMask& mask, int from_width, int from_height, int width, int height);

// R > 0.5 as bytes, for measures, rules and overlaps.
class BinaryRegion {
 public:
  explicit BinaryRegion(const RegionMask& mask);
  MaskView view() const {
    return {values_.data(), x0_, y0_, width_, height_, static_cast<std::size_t>(width_)};
  }

 private:
  int x0_, y0_, width_, height_;
  std::vector<std::uint8_t> values_;
};

// sum V R / sum R (Eq. 4); 0 for an empty mask. The mask must lie within the map.
double mean_inside(const FloatMap& map, const RegionMask& mask);

struct ScoredRegion {
  const RegionMask* mask;
  double score;
};

// max R S per pixel; 0 where no region is.
FloatMap soft_maximum(std::span<const ScoredRegion> regions, int width, int height);

}  // namespace anomalyvlm
