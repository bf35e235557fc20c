#pragma once
// The paper's ablations (IV-C) over the evidence of one run: one table, a row a study. None runs a model.
#include <span>
#include <string>
#include <vector>

#include "eval/metrics/evaluation_result.h"
#include "eval/metrics/study_table.h"
#include "eval/run/plan.h"
#include "eval/run/run_folder.h"
#include "methods/method.h"

namespace anomalyvlm::eval {

struct StudyInput {
  const RunPlan& plan;
  const Judge& judge;  // of the run's method
  const RunFolder& folder;
  const EvaluationResult& result;  // evaluate() of it: the run as it was asked for
};

struct Study {
  const char* name;     // "area"
  const char* summary;  // one line for people
  StudyTable (*run)(const StudyInput& input);
};

std::span<const Study> studies();

}  // namespace anomalyvlm::eval
