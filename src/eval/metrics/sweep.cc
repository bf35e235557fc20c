#include "eval/metrics/sweep.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace anomalyvlm::eval {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMostPoints = 290;  // best and last come on top
constexpr double kSmallestStep = 1.0 / 1024;

double ratio(std::uint64_t a, std::uint64_t b) { return static_cast<double>(a) / static_cast<double>(b); }

// In the published code's order of operations: thresholds that are equally good but for rounding then win or
// lose as they do there.
double f1_of(double precision, double recall) {
  return precision > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

}  // namespace

bool CurveSampler::far(const CurvePoint& a, const CurvePoint& b) const {
  return std::max(std::abs(a.precision - b.precision), std::abs(a.recall - b.recall)) >= step_;
}

void CurveSampler::add(const CurvePoint& point) {
  last_ = point;
  if (!kept_.empty() && !far(point, kept_.back())) return;
  kept_.push_back(point);
  while (kept_.size() > kMostPoints) {
    step_ = std::max(2 * step_, kSmallestStep);
    std::size_t left = 1;
    for (std::size_t i = 1; i < kept_.size(); ++i)
      if (far(kept_[i], kept_[left - 1])) kept_[left++] = kept_[i];
    kept_.resize(left);
  }
}

std::vector<CurvePoint> CurveSampler::points(const CurvePoint& best) const {
  std::vector<CurvePoint> points = kept_;
  for (const CurvePoint& point : {best, last_}) {
    const auto place =
        std::lower_bound(points.begin(), points.end(), point,
                         [](const auto& a, const auto& b) { return a.threshold > b.threshold; });
    if (place == points.end() || place->threshold != point.threshold) points.insert(place, point);
  }
  return points;
}

Sweep::Sweep(std::uint64_t positives, std::uint64_t negatives)
    : positives_(positives), negatives_(negatives) {}

void Sweep::step(double score, std::uint64_t positives, std::uint64_t negatives) {
  found_positives_ += positives;
  found_negatives_ += negatives;
  const std::uint64_t found = found_positives_ + found_negatives_;
  const double precision = ratio(found_positives_, found);
  if (positives > 0) {
    const double recall = ratio(found_positives_, positives_);
    ap_ += (recall - recall_) * precision;
    recall_ = recall;
    // Of equal scores half the pairs count.
    ranked_pairs_ += static_cast<double>(positives) * (static_cast<double>(negatives_ - found_negatives_) +
                                                       0.5 * static_cast<double>(negatives));
  }
  const CurvePoint point{score, precision, recall_};
  curve_.add(point);
  // What is as good at a lower threshold replaces what was before.
  if (const double f1 = f1_of(precision, recall_); f1 >= f1_.value) f1_ = {f1, point};
  if (const double iou = ratio(found_positives_, found_negatives_ + std::max(positives_, std::uint64_t{1}));
      iou >= iou_.value)
    iou_ = {iou, point};
}

SweepResult Sweep::result() const {
  if (found_positives_ + found_negatives_ == 0) return {kNaN, kNaN, kNaN, kNaN, kNaN, kNaN, {}};
  const double pairs = static_cast<double>(positives_) * static_cast<double>(negatives_);
  return {f1_.value,
          f1_.at.threshold,
          ap_,
          iou_.value,
          iou_.at.threshold,
          pairs > 0 ? ranked_pairs_ / pairs : kNaN,
          curve_.points(f1_.at)};
}

SweepResult sweep_scored(std::vector<std::pair<double, bool>> scored, std::uint64_t positives) {
  std::sort(scored.begin(), scored.end(), std::greater<>());
  const auto found = static_cast<std::uint64_t>(
      std::count_if(scored.begin(), scored.end(), [](const auto& one) { return one.second; }));
  Sweep sweep(positives, scored.size() - found);
  for (auto first = scored.begin(); first != scored.end();) {
    const double score = first->first;
    std::uint64_t of_class[2] = {};
    for (; first != scored.end() && first->first == score; ++first) ++of_class[first->second ? 1 : 0];
    sweep.step(score, of_class[1], of_class[0]);
  }
  return sweep.result();
}

ProArea::ProArea(std::uint64_t regions, std::uint64_t negatives, double limit)
    : regions_(static_cast<double>(regions)), negatives_(static_cast<double>(negatives)), limit_(limit) {}

void ProArea::step(double overlap, std::uint64_t false_positives) {
  if (rate_ >= limit_ || regions_ == 0 || negatives_ == 0) return;
  double rate = static_cast<double>(false_positives) / negatives_;
  if (rate > limit_) {
    overlap = overlap_ + (overlap - overlap_) * (limit_ - rate_) / (rate - rate_);
    rate = limit_;
  }
  area_ += (rate - rate_) * (overlap + overlap_) / 2;
  rate_ = rate;
  overlap_ = overlap;
}

double ProArea::result() const { return regions_ == 0 || negatives_ == 0 ? kNaN : area_ / regions_ / limit_; }

MetricValue needs_both(double value, std::uint64_t positives, std::uint64_t negatives,
                       const Reasons& reasons) {
  if (positives == 0) return MetricValue::none(negatives == 0 ? reasons.nothing : reasons.no_positives);
  if (negatives == 0) return MetricValue::none(reasons.no_negatives);
  return MetricValue::of(value);
}

LevelMetrics with_reasons(const SweepResult& result, std::uint64_t positives, std::uint64_t negatives,
                          const Reasons& reasons) {
  const auto needs_positives = [&](double value) {
    return positives > 0 ? MetricValue::of(value)
                         : MetricValue::none(negatives == 0 ? reasons.nothing : reasons.no_positives);
  };
  return {needs_positives(result.max_f1),
          needs_positives(result.f1_threshold),
          needs_positives(result.ap),
          needs_positives(result.max_iou),
          needs_positives(result.iou_threshold),
          needs_both(result.auroc, positives, negatives, reasons),
          positives > 0 ? result.curve : std::vector<CurvePoint>{}};
}

}  // namespace anomalyvlm::eval
