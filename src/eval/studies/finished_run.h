#pragma once
// A finished run as its folder tells it, whatever process ran it: what runs are compared by.
#include <filesystem>
#include <string>
#include <vector>

#include "eval/metrics/metric_values.h"

namespace anomalyvlm::eval {

struct FinishedRun {
  // The paper's metrics, of pixels; and the AUROC of images.
  struct Part {
    std::string name;  // "bottle", "object", "total"
    MetricValue max_f1, ap, max_iou;
    MetricValue image_auroc = MetricValue::none("not measured");
  };
  std::string label;       // "nano", "utad"
  std::string model = {};  // that it was run with, by its name
  std::vector<Part> categories = {};
  std::vector<Part> means = {};  // of groups, then the total; empty: there is one category
  double seconds = 0;            // of an image, the sum of its stages
  double peak_memory = 0;        // bytes of the process; 0: unknown
  double parameters = 0;         // of all weights that were used; 0: unknown
  std::size_t references = 0;    // good images of a category that it was given, the most of any
  std::size_t prompts = 1;       // that each image was asked, the most of any category
  // Of all categories: the total, or the only one.
  const Part& whole() const { return means.empty() ? categories.front() : means.back(); }
};

// From the results.json, run.json and machine.json of a run. Throws Error(kIo) where one of the first two is
// not there, Error(kBadInput) where one is something else.
FinishedRun read_run(std::string label, const std::filesystem::path& folder);

}  // namespace anomalyvlm::eval
