#pragma once
// What a study compares its own run with: runs over the same images, each in a process of its own, so that
// its peak memory can be measured.
#include <string>
#include <vector>

#include "eval/metrics/evaluation_result.h"
#include "eval/metrics/study_table.h"
#include "eval_options.h"

namespace anomalyvlm::cli {

// Throws UsageError for an empty list and a name that is in it twice.
void require_distinct(const std::vector<std::string>& names, const char* option);

// Table IV of these models.
eval::StudyTable study_models(const EvalOptions& options, const std::vector<std::string>& models);

struct OtherMethods {
  std::vector<const MethodEntry*> methods;  // without that of the study's own run
  std::vector<std::string> left_out;        // names of those that cannot be run
  std::vector<std::string> notes;           // sentences: why not, and what to do
};
// All that can be run or, where `named` is not empty, these. Throws UsageError and Error(kIo) for a named one
// that cannot. Runs nothing yet.
OtherMethods other_methods(const EvalOptions& options, const std::vector<std::string>& named);

// Tables I and IV. `own`: the study's own run, whose folder holds all but its results.json. `side`:
// RunPlan::side of it.
std::vector<eval::StudyTable> study_methods(const EvalOptions& options, const OtherMethods& others,
                                            const eval::EvaluationResult& own, int side);

}  // namespace anomalyvlm::cli
