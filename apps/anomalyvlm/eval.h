#pragma once
// What eval and study show and write of a run.
#include <filesystem>
#include <vector>

#include "eval/metrics/evaluation_result.h"
#include "eval/metrics/study_table.h"
#include "eval/run/plan.h"

namespace anomalyvlm::cli {

// Writes each category's prompt below `out` as detect takes it, and says in the result how it gives the same
// maps.
void add_detect_commands(const eval::RunPlan& plan, const std::filesystem::path& out,
                         eval::EvaluationResult& result);
// Says in the configuration which command the report is of, where that did not run all the images: its limit
// may be another one.
void add_report_command(const std::string& command, eval::EvaluationResult& result);
// The figures, verdicts and commands on stdout, the notes on stderr.
void print_summary(const eval::EvaluationResult& result);
// results.json, results.csv, images.csv, report.md, report.html
void write_reports(const eval::EvaluationResult& result, const std::vector<eval::StudyTable>& studies,
                   const std::filesystem::path& folder);

}  // namespace anomalyvlm::cli
