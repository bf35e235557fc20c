#pragma once
// One pass over all thresholds, from the highest: what pixels, images and regions have in common.
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "eval/metrics/metric_values.h"

namespace anomalyvlm::eval {

// As numbers, after scikit-learn: without positives max_f1, max_iou and ap are 0 and the thresholds the
// lowest score. NaN: auroc of one class, and everything when there is no score at all.
struct SweepResult {
  double max_f1, f1_threshold, ap, max_iou, iou_threshold, auroc;
  std::vector<CurvePoint> curve;
};

// At most some 300 points that keep a curve's shape: all of them while they are few, else those that differ
// from the one before by a step in precision or recall, a step that grows with the curve.
class CurveSampler {
 public:
  void add(const CurvePoint& point);
  // With the last point that was added, and `best` in its place.
  std::vector<CurvePoint> points(const CurvePoint& best) const;

 private:
  bool far(const CurvePoint& a, const CurvePoint& b) const;

  double step_ = 0;
  CurvePoint last_;
  std::vector<CurvePoint> kept_;
};

class Sweep {
 public:
  // How many things there are of either class. Positives that never come up in step() were not found at any
  // threshold.
  Sweep(std::uint64_t positives, std::uint64_t negatives);

  // All the things of one score, which must be lower than the one before; at least one thing.
  void step(double score, std::uint64_t positives, std::uint64_t negatives);

  std::uint64_t false_positives() const { return found_negatives_; }
  SweepResult result() const;

 private:
  struct Best {
    double value = -1;
    CurvePoint at;
  };

  std::uint64_t positives_, negatives_;
  std::uint64_t found_positives_ = 0, found_negatives_ = 0;
  double recall_ = 0, ap_ = 0;
  double ranked_pairs_ = 0;  // of a positive and a negative, where the positive has the higher score
  Best f1_, iou_;
  CurveSampler curve_;
};

// The pass over (score, whether positive). `positives`: how many there are, found or not.
SweepResult sweep_scored(std::vector<std::pair<double, bool>> scored, std::uint64_t positives);

// The area below the curve of per-region overlap over the false positive rate, up to `limit`, divided by it.
// From (0, 0), straight lines between thresholds.
class ProArea {
 public:
  ProArea(std::uint64_t regions, std::uint64_t negatives, double limit);

  // After a threshold: the sum of all regions' covered shares, and the false positives.
  void step(double overlap, std::uint64_t false_positives);

  double result() const;  // NaN: no regions, or no negatives

 private:
  double regions_, negatives_, limit_;
  double rate_ = 0, overlap_ = 0, area_ = 0;
};

// The sentences for what is not defined, of one level.
struct Reasons {
  const char* nothing;       // there is nothing of either class
  const char* no_positives;  // only normal things
  const char* no_negatives;  // only defects
};

// The numbers, or why there is none. needs_both: for one that is not defined of a single class either.
LevelMetrics with_reasons(const SweepResult& result, std::uint64_t positives, std::uint64_t negatives,
                          const Reasons& reasons);
MetricValue needs_both(double value, std::uint64_t positives, std::uint64_t negatives,
                       const Reasons& reasons);

}  // namespace anomalyvlm::eval
