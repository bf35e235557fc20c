#pragma once
// Images for the report: where a category went best and where worst.
#include <vector>

#include "eval/metrics/evaluation_result.h"
#include "eval/run/plan.h"
#include "eval/run/run_folder.h"
#include "methods/method.h"

namespace anomalyvlm::eval {

struct Examples {
  std::vector<Example> best, worst;
};

// Of the images with marked defects those of the highest and the lowest F1; the worst also show the normal
// images that were given the highest scores. `results`: of the category's images that were run, in their
// order.
Examples choose_examples(const RunPlan& plan, std::size_t category, const Judge& judge,
                         const RunFolder& folder, const std::vector<ImageResult>& results);

}  // namespace anomalyvlm::eval
