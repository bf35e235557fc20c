#pragma once
// Finished runs side by side.
#include <span>
#include <string>

#include "eval/metrics/study_table.h"
#include "eval/studies/finished_run.h"

namespace anomalyvlm::eval {

// Models: metrics of all categories, parameters, time and memory (paper, Table IV). "backbones".
StudyTable compare_models(std::span<const FinishedRun> runs);

// Methods, by category, group and total, and beside them what others published on the data set (paper, Tables
// I and V). Labels are names of methods. "methods".
StudyTable compare_methods(std::span<const FinishedRun> runs, const std::string& dataset);

// Parameters, time and memory (paper, Table IV). "complexity".
StudyTable compare_complexity(std::span<const FinishedRun> runs);

}  // namespace anomalyvlm::eval
