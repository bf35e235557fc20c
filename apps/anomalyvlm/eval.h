#pragma once
// What eval and study print and write about a run.
#include <filesystem>
#include <vector>

#include "eval/metrics/evaluation_result.h"
#include "eval/metrics/study_table.h"
#include "eval/run/plan.h"

namespace anomalyvlm::cli {

// Writes each category's prompt below `out` in the form that detect takes, and records in the result how
// detect gives the same maps.
void add_detect_commands(const eval::RunPlan& plan, const std::filesystem::path& out,
                         eval::EvaluationResult& result);
// Records in the configuration which command wrote the report, if that command did not run all the images
// itself: its limit may differ.
void add_report_command(const std::string& command, eval::EvaluationResult& result);
// The figures, verdicts and commands on stdout, the notes on stderr.
void print_summary(const eval::EvaluationResult& result);
// results.json, results.csv, images.csv, report.md, report.html
void write_reports(const eval::EvaluationResult& result, const std::vector<eval::StudyTable>& studies,
                   const std::filesystem::path& folder);

}  // namespace anomalyvlm::cli
