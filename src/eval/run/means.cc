#include "eval/run/means.h"

#include <algorithm>
#include <array>

namespace anomalyvlm::eval {
namespace {

template <typename Get>
MetricValue mean_value(std::span<const Metrics* const> categories, const Get& get) {
  double sum = 0;
  int count = 0;
  const MetricValue* none = nullptr;
  for (const Metrics* metrics : categories) {
    const MetricValue& metric = get(*metrics);
    if (metric.defined()) {
      sum += metric.value;
      ++count;
    } else {
      none = &metric;
    }
  }
  if (count > 0) return MetricValue::of(sum / count);
  return MetricValue::none(none != nullptr ? none->undefined : "there is no category");
}

LevelMetrics mean_level(std::span<const Metrics* const> categories, LevelMetrics Metrics::*level) {
  const auto of = [&](MetricValue LevelMetrics::*metric) {
    return mean_value(categories, [&](const Metrics& m) -> const MetricValue& { return (m.*level).*metric; });
  };
  const MetricValue threshold = MetricValue::none("each category has its own");
  return {.max_f1 = of(&LevelMetrics::max_f1),
          .f1_threshold = threshold,
          .ap = of(&LevelMetrics::ap),
          .max_iou = of(&LevelMetrics::max_iou),
          .iou_threshold = threshold,
          .auroc = of(&LevelMetrics::auroc),
          .curve = {}};
}

}  // namespace

Metrics mean_of(std::span<const Metrics* const> categories) {
  Metrics mean;
  for (const Metrics* metrics : categories) {
    mean.images += metrics->images;
    mean.anomalous += metrics->anomalous;
    mean.regions += metrics->regions;
  }
  mean.pixel = mean_level(categories, &Metrics::pixel);
  mean.image = mean_level(categories, &Metrics::image);
  mean.pro = mean_value(categories, [](const Metrics& m) -> const MetricValue& { return m.pro; });
  mean.region_f1 = mean_value(categories, [](const Metrics& m) -> const MetricValue& { return m.region_f1; });
  mean.region_threshold = MetricValue::none("each category has its own");
  return mean;
}

std::vector<MeanResult> group_means(std::span<const GroupedMetrics> categories) {
  if (categories.size() < 2) return {};
  std::vector<std::string> names;
  for (const GroupedMetrics& category : categories)
    if (!category.group.empty() && std::find(names.begin(), names.end(), category.group) == names.end())
      names.push_back(category.group);
  if (names.size() < 2) names.clear();  // the only group is the total
  names.emplace_back("total");
  std::vector<MeanResult> means;
  for (const std::string& name : names) {
    std::vector<const Metrics*> members;
    for (const GroupedMetrics& category : categories)
      if (name == "total" || category.group == name) members.push_back(category.metrics);
    means.push_back({name, members.size(), mean_of(members)});
  }
  return means;
}

}  // namespace anomalyvlm::eval
