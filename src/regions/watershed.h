#pragma once
// Regions of a dense map by a watershed segmentation: each is a peak with the surrounding values down to a
// fraction of it; neighbours are one region if the valley between them is shallow.
#include <vector>

#include "anomalyvlm/region.h"

namespace anomalyvlm {

struct WatershedRegion {
  Region mask;  // soft, in cells of the map: value / peak
  int peak_x = 0, peak_y = 0;
  float peak = 0;
};

struct WatershedOptions {
  float depth = 0.15F;       // a region reaches down to depth * peak
  float valley = 0.5F;       // two peaks are one region if the pass between them is at least so high,
                             // relative to the lower peak
  float least_peak = 0.02F;  // lower peaks are no regions
  int most = 40;             // regions at most, highest peaks first
};

// `map` holds finite values. Highest first; no cell belongs to two regions. Peaks of equal height go by their
// place, top left first.
std::vector<WatershedRegion> watershed(const FloatMap& map, const WatershedOptions& options);

}  // namespace anomalyvlm
