#pragma once
// What eval and study show and write of a run.
#include <filesystem>
#include <vector>

#include "eval/report/results.h"

namespace anomalyvlm::cli {

void print_figures(const eval::EvaluationResult& result);
// results.json, results.csv, report.md, report.html
void write_reports(const eval::EvaluationResult& result, const std::vector<eval::StudyTable>& studies,
                   const std::filesystem::path& folder);

}  // namespace anomalyvlm::cli
