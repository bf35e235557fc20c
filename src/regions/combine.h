#pragma once
// Regions compared, scaled and joined, and maps measured inside of them.
#include <cstddef>
#include <span>
#include <vector>

#include "anomalyvlm/region.h"

namespace anomalyvlm {

struct ScoredRegion {
  const Region* region;
  double score;
};

// From a grid of from_width x from_height cells over the whole image to the image's width x height pixels:
// bilinear between the centres of cells; soft, unless the sizes are equal.
Region scaled(const Region& region, int from_width, int from_height, int width, int height);

// The larger value at each place; binary if all are.
Region joined(std::span<const Region* const> regions);
std::size_t joined_bytes(std::span<const Region* const> regions);  // what the joined one takes

// Intersection over union of what is inside; 0 where neither has that.
double overlap(const Region& a, const Region& b);

// sum V R / sum R (Eq. 4); 0 for an empty region, which must lie within the map.
double mean_inside(const FloatMap& map, const Region& region);

// max R S per pixel; 0 where no region is.
FloatMap soft_maximum(std::span<const ScoredRegion> regions, int width, int height);

// Where regions take more than `memory` bytes together: which of them stay, the most confident ones that fit,
// of equals the first. The only limit of what regions take.
std::vector<bool> most_confident_that_fit(std::span<const double> confidence,
                                          std::span<const std::size_t> bytes, std::size_t memory);

}  // namespace anomalyvlm
