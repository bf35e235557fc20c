#pragma once
// The metrics that a data set is judged by (paper IV-A), as numbers that know when they are none.
#include <limits>
#include <string>
#include <vector>

namespace anomalyvlm::eval {

// A number, or the reason why there is none. Never a made-up number for degenerate input.
struct MetricValue {
  double value = std::numeric_limits<double>::quiet_NaN();
  std::string undefined;  // "no pixel is marked as a defect"; empty: `value` is a number

  static MetricValue of(double value) { return {value, {}}; }
  static MetricValue none(std::string reason) {
    return {std::numeric_limits<double>::quiet_NaN(), std::move(reason)};
  }
  bool defined() const { return undefined.empty(); }
};

// A point of the precision-recall curve: what scores of `threshold` or more give.
struct CurvePoint {
  double threshold = 0, precision = 0, recall = 0;
};

// Of pixels, images or regions; a thing counts as found where its score >= threshold.
struct LevelMetrics {
  MetricValue max_f1, f1_threshold;    // highest F1 over all thresholds; the lowest threshold that gives it
  MetricValue ap;                      // sum (R_n - R_{n-1}) P_n over distinct scores, from the highest
  MetricValue max_iou, iou_threshold;  // TP / (TP + FP + FN), as max_f1
  MetricValue auroc;                   // area below the ROC curve; equal scores count half
  std::vector<CurvePoint> curve;       // for plots: few hundred points, from the highest threshold
};

// All metrics of a set of images.
struct Metrics {
  std::size_t images = 0, anomalous = 0;
  LevelMetrics pixel;
  MetricValue pro;  // per-region overlap, area up to a false positive rate of 30 %, divided by 0.3
  LevelMetrics
      image;  // by Detection::image_score: the map's maximum, but for methods with a score of their own
  // Regions found, against the connected parts of the ground truth: matched one to one where IoU >= 0.6, the
  // highest score first. F1 over all thresholds of S^r.
  MetricValue region_f1, region_threshold;
  std::size_t regions = 0;  // of the ground truth: its connected parts, or its boxes
};

}  // namespace anomalyvlm::eval
