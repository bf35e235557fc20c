#pragma once
// The cheap part of an evaluation: judges the evidence of a run in one or several ways, and measures the
// outcome.
#include <functional>
#include <string>
#include <vector>

#include "eval/metrics/evaluation_result.h"
#include "eval/run/plan.h"
#include "eval/run/run_folder.h"
#include "methods/method.h"

namespace anomalyvlm::eval {

// A way to decide.
struct Variant {
  std::string label;  // "30 %"
  double x = 0;       // on a plot
  PromptChoice prompt = PromptChoice::kOwn;
  std::function<void(HybridPrompt&, JudgeSettings&)> change = {};  // none: as it was run
};

// The metrics of each category, for one variant; none where the variant's prompt was not asked.
using CategoryMetrics = std::vector<std::optional<Metrics>>;

// All variants in one pass over the evidence. `judge` is that of the run's method.
std::vector<CategoryMetrics> score(const RunPlan& plan, const Judge& judge, const RunFolder& folder,
                                   std::span<const Variant> variants);

// Everything about the run as it was asked for: metrics by category and kind of defect, means, examples,
// times.
EvaluationResult evaluate(const RunPlan& plan, const Judge& judge, const RunFolder& folder);

}  // namespace anomalyvlm::eval
