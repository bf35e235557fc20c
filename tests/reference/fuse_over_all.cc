#include "reference/fuse_over_all.h"

#include <algorithm>

namespace anomalyvlm::reference {

FloatMap fuse_over_all(std::span<const ScoredRegion> regions, int width, int height) {
  std::vector<double> sums(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (const ScoredRegion& scored : regions) {
    scored.region->for_each_run([&](int y, int begin, int end) {
      const auto row = sums.begin() + static_cast<std::ptrdiff_t>(y) * width;
      std::for_each(row + begin, row + end, [&](double& sum) { sum += scored.score; });
    });
  }
  FloatMap map{width, height, {}};
  const auto count = static_cast<double>(std::max<std::size_t>(1, regions.size()));
  for (const double sum : sums) map.values.push_back(static_cast<float>(sum / count));
  return map;
}

}  // namespace anomalyvlm::reference
