#pragma once
// Means over categories, as in the last columns of the paper's tables.
#include <span>
#include <string>
#include <vector>

#include "eval/metrics/evaluation_result.h"

namespace anomalyvlm::eval {

// Of each metric the mean over the categories that have it. Thresholds and curves have no mean.
Metrics mean_of(std::span<const Metrics* const> categories);

struct GroupedMetrics {
  std::string group;  // Category::group
  const Metrics* metrics;
};
// Of each group (in order of appearance), then of all: "total". None for a single category.
std::vector<MeanResult> group_means(std::span<const GroupedMetrics> categories);

}  // namespace anomalyvlm::eval
