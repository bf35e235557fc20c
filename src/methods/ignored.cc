#include "methods/ignored.h"

#include <algorithm>

#include "core/check.h"

namespace anomalyvlm {
namespace {

// Of the region's pixels; 0 without such.
double share_inside(const Mask& ignored, const Region& region) {
  std::int64_t ignored_pixels = 0;
  region.for_each_run([&](int y, int begin, int end) {
    for (int x = begin; x < end; ++x) ignored_pixels += ignored.at(x, y) != 0;
  });
  const std::int64_t area = region.area();
  return area == 0 ? 0 : static_cast<double>(ignored_pixels) / static_cast<double>(area);
}

}  // namespace

void check_ignored(const Mask& ignored, int width, int height) {
  if (ignored.values.empty()) return;
  const auto pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  if (ignored.width == width && ignored.height == height && ignored.values.size() != pixels)
    fail(ErrorKind::kBadInput, "The mask of the ignored area has {} values for {} x {} pixels.",
         ignored.values.size(), width, height);
  if (ignored.width != width || ignored.height != height)
    fail(ErrorKind::kBadInput,
         "The mask of the ignored area has {} x {} pixels, the image {} x {}; they must be of one size.",
         ignored.width, ignored.height, width, height);
}

void reject_ignored(const Mask& ignored, std::vector<Candidate>& candidates) {
  if (ignored.values.empty()) return;
  for (Candidate& candidate : candidates) {
    if (candidate.rejected_by) continue;
    const double share = share_inside(ignored, candidate.mask);
    if (share > 0.5)
      candidate.rejected_by = {Rejection::By::kIgnored, -1, share,
                               fmt::format("{:.0f} % of it lies in the ignored area", 100 * share)};
  }
}

void clear_ignored(const Mask& ignored, FloatMap& map) {
  for (std::size_t i = 0; i < ignored.values.size(); ++i)
    if (ignored.values[i] != 0) map.values[i] = 0;
}

void note_ignored(const Mask& ignored, std::vector<std::string>& notes) {
  if (ignored.values.empty()) return;
  const auto count = static_cast<double>(
      std::count_if(ignored.values.begin(), ignored.values.end(), [](std::uint8_t v) { return v != 0; }));
  const double share = count / static_cast<double>(ignored.values.size());
  if (share > 0.5)
    notes.push_back(fmt::format(
        "The ignored area covers {:.0f} % of the image; check that its mask is not inverted.", 100 * share));
}

}  // namespace anomalyvlm
