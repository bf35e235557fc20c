// The report as text that repositories and editors show as tables.
#include <fmt/format.h>

#include "core/platform.h"
#include "eval/metrics/evaluation_result.h"
#include "eval/report/documents.h"
#include "eval/report/histogram.h"
#include "eval/report/tables.h"
#include "eval/report/text.h"

namespace anomalyvlm::eval {
namespace {

using report::markdown_text;

std::string list(const char* title, const std::vector<std::string>& items) {
  if (items.empty()) return {};
  std::string out = fmt::format("## {}\n\n", title);
  for (const std::string& item : items) out += fmt::format("- {}\n", markdown_text(item));
  return out + "\n";
}

std::string section(const char* title, const report::Table& table) {
  if (table.rows.empty()) return {};
  return fmt::format("## {}\n\n{}", title, report::markdown_table(table));
}

std::string histograms(const EvaluationResult& result) {
  std::string out;
  for (const CategoryResult& category : result.categories) {
    if (category.images.empty()) continue;
    out += fmt::format("{}:\n\n```\n{}```\n\n", markdown_text(category.name),
                       report::text_histogram(report::histogram_of(category)));
  }
  return out;
}

}  // namespace

void write_report_markdown(const EvaluationResult& result, const std::vector<StudyTable>& studies,
                           const std::filesystem::path& file) {
  std::string text = fmt::format("# Evaluation on {}\n\n", markdown_text(result.title));
  if (result.categories.empty()) text += "No category was evaluated.\n\n";
  text += section("Results", report::results_table(result));
  text += list("Notes", result.notes);
  text += section("Beside published figures", report::published_table(result));
  text += section("Kinds of defects", report::kinds_table(result));
  text += section("Verdicts", report::limits_table(result)) + histograms(result);
  text += section("With detect", report::detect_table(result));
  if (!studies.empty()) text += "## Studies\n\n";
  for (const StudyTable& study : studies)
    text += fmt::format("### {}\n\n{}", markdown_text(study.title),
                        report::markdown_table(report::study_table(study)));
  text += section("Time", report::stages_table(result));
  text += section("Prompts", report::prompts_table(result));
  text += section("Configuration", report::configuration_table(result));
  text += list("Images that could not be used", result.failures);
  text.pop_back();  // the last empty line
  write_file_atomically(file, text);
}

}  // namespace anomalyvlm::eval
