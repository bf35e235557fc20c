#pragma once
// The result of an evaluation as documents, for programs and for people.
#include <filesystem>
#include <vector>

#include "eval/metrics/evaluation_result.h"
#include "eval/metrics/study_table.h"

namespace anomalyvlm::eval {

// Each document is whole or not there; folders exist. Throw Error(kIo) where a file cannot be
// written. docs/RESULT_FORMAT.md describes the JSON and the CSV. Text may be any bytes: what is no UTF-8 in
// it is replaced, and nothing of it is taken for markup. The page is one file, loads nothing and runs
// nothing.
void write_results_json(const EvaluationResult& result, const std::vector<StudyTable>& studies,
                        const std::filesystem::path& file);
void write_results_csv(const EvaluationResult& result, const std::filesystem::path& file);
// A row for each image.
void write_images_csv(const EvaluationResult& result, const std::filesystem::path& file);
void write_report_markdown(const EvaluationResult& result, const std::vector<StudyTable>& studies,
                           const std::filesystem::path& file);
void write_report_html(const EvaluationResult& result, const std::vector<StudyTable>& studies,
                       const std::filesystem::path& file);
// NAME.csv, NAME.md and NAME.svg, where NAME is the table's.
void write_study(const StudyTable& table, const std::filesystem::path& folder);

}  // namespace anomalyvlm::eval
