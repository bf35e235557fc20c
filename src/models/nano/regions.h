#pragma once
// Regions of a dense map: hills, each with what lies on its slopes and not much lower than its peak.
#include <vector>

#include "anomalyvlm/region.h"

namespace anomalyvlm::nano {

struct DenseRegion {
  Region mask;  // soft, in cells of the map: value / peak
  int peak_x = 0, peak_y = 0;
  float peak = 0;
};

struct RegionOptions {
  float depth = 0.15F;       // a region reaches down to depth * peak
  float valley = 0.5F;       // two hills are one region when the pass between them is at least so high,
                             // relative to the lower one's peak
  float least_peak = 0.02F;  // lower peaks are no regions
  int most = 40;             // regions at most, highest peaks first
};

// `map` holds finite values. Highest first; no cell belongs to two regions. Peaks of equal height go by their
// place, top left first.
std::vector<DenseRegion> find_regions(const FloatMap& map, const RegionOptions& options);

}  // namespace anomalyvlm::nano
