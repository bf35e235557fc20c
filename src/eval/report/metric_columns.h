#pragma once
// The metrics of a set of images in one order and under one set of names, for all documents.
#include <span>

#include "eval/metrics/metric_values.h"

namespace anomalyvlm::eval::report {

struct MetricColumn {
  const char* level;  // "pixel", "image" or "region"
  const char* key;    // "max_f1": pixel.max_f1 in JSON, pixel_max_f1 in CSV
  const char* title;  // "max-F1"; nullptr: not in the tables for people
  const MetricValue& (*of)(const Metrics&);
};

std::span<const MetricColumn> metric_columns();

}  // namespace anomalyvlm::eval::report
