#include "eval/metrics/region_scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/check.h"
#include "eval/metrics/sweep.h"
#include "regions/geometry.h"

namespace anomalyvlm::eval {
namespace {

// How much a predicted region shares with each marked one, in pixels.
struct Shares {
  double area = 0;              // of the predicted region, or its bounding box
  std::vector<double> overlap;  // with each marked region
};

void check(const ScoredRegion& scored, const PreparedGroundTruth& truth) {
  if (!std::isfinite(scored.score))
    fail(ErrorKind::kBadInput, "A region has a score that is not a finite number: it cannot be measured.");
  const PixelRect& rect = scored.region->rect();
  if (!lies_within(rect, truth.width(), truth.height()))
    fail(ErrorKind::kBadInput,
         "A region of {} x {} pixels at ({}, {}) is not within the ground truth's {} x {} pixels.",
         rect.width(), rect.height(), rect.x0, rect.y0, truth.width(), truth.height());
}

Shares shares_of_masks(const Region& region, const PreparedGroundTruth& truth) {
  Shares shares;
  shares.area = static_cast<double>(region.area());
  shares.overlap.resize(truth.part_pixels().size());
  region.for_each_run([&](int y, int x0, int x1) {
    const std::int64_t row = static_cast<std::int64_t>(y) * truth.width();
    for (const PreparedGroundTruth::Run& run : truth.runs_of_row(y)) {
      const std::int64_t begin = std::max<std::int64_t>(run.begin, row + x0),
                         end = std::min<std::int64_t>(run.end, row + x1);
      if (begin < end) shares.overlap[run.part] += static_cast<double>(end - begin);
    }
  });
  return shares;
}

double area(double x0, double y0, double x1, double y1) {
  return std::max(x1 - x0, 0.0) * std::max(y1 - y0, 0.0);
}

double area(const Box& box) { return area(box.x0, box.y0, box.x1, box.y1); }

Shares shares_of_boxes(const Region& region, std::span<const Box> boxes) {
  const Box own = to_box(region.bounds());
  Shares shares{area(own), {}};
  for (const Box& box : boxes)
    shares.overlap.push_back(area(std::max(own.x0, box.x0), std::max(own.y0, box.y0),
                                  std::min(own.x1, box.x1), std::min(own.y1, box.y1)));
  return shares;
}

}  // namespace

void RegionScores::add(std::span<const ScoredRegion> regions, const PreparedGroundTruth& truth) {
  for (const ScoredRegion& scored : regions) check(scored, truth);
  const bool boxes = !truth.boxes().empty();
  std::vector<double> marked_areas(truth.part_pixels().begin(), truth.part_pixels().end());
  if (boxes) {
    marked_areas.clear();
    for (const Box& box : truth.boxes()) marked_areas.push_back(area(box));
  }
  std::vector<std::size_t> order(regions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return regions[a].score > regions[b].score; });
  std::vector<bool> taken(marked_areas.size());
  for (const std::size_t i : order) {
    const Region& region = *regions[i].region;
    const Shares shares = boxes ? shares_of_boxes(region, truth.boxes()) : shares_of_masks(region, truth);
    std::size_t best = taken.size();
    double best_iou = 0;
    for (std::size_t k = 0; k < taken.size(); ++k) {
      const double joined = shares.area + marked_areas[k] - shares.overlap[k];
      // At least 3/5: of pixels exact, which a division is not.
      if (taken[k] || !(joined > 0) || 5 * shares.overlap[k] < 3 * joined) continue;
      const double iou = shares.overlap[k] / joined;
      if (iou > best_iou) {
        best = k;
        best_iou = iou;
      }
    }
    const bool matched = best < taken.size();
    if (matched) taken[best] = true;
    scored_.emplace_back(regions[i].score, matched);
  }
  marked_ += marked_areas.size();
}

void RegionScores::append(const RegionScores& other) {
  scored_.insert(scored_.end(), other.scored_.begin(), other.scored_.end());
  marked_ += other.marked_;
}

RegionMetrics measure_regions(std::span<const RegionScores* const> parts) {
  std::vector<std::pair<double, bool>> scored;
  std::uint64_t marked = 0;
  for (const RegionScores* part : parts) {
    scored.insert(scored.end(), part->scored_.begin(), part->scored_.end());
    marked += part->marked_;
  }
  if (marked == 0)
    return {MetricValue::none("no region is marked"), MetricValue::none("no region is marked"), 0};
  if (scored.empty()) return {MetricValue::of(0), MetricValue::none("no region was predicted"), marked};
  const SweepResult found = sweep_scored(std::move(scored), marked);
  return {MetricValue::of(found.max_f1), MetricValue::of(found.f1_threshold), marked};
}

}  // namespace anomalyvlm::eval
