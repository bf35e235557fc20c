// anomalyvlm eval: computes the paper's metrics over a data set and writes a report.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>

#include "commands.h"
#include "core/platform.h"
#include "eval.h"
#include "eval/data/listing.h"
#include "eval/report/documents.h"
#include "eval/report/histogram.h"
#include "eval/report/metric_columns.h"
#include "eval/report/text.h"
#include "eval/run/command_line.h"
#include "eval/run/provenance.h"
#include "eval/run/score.h"
#include "eval_options.h"
#include "output.h"

namespace anomalyvlm::cli {
namespace {

using eval::Metrics;
using eval::report::percent;

void print_row(const std::string& name, const Metrics& m) {
  show("{:<16} {:>6} {:>9} {:>7} {:>6} {:>8} {:>6} {:>6} {:>8} {:>8} {:>9}\n", eval::in_message(name),
       m.images, m.anomalous, percent(m.pixel.max_f1), percent(m.pixel.ap), percent(m.pixel.max_iou),
       percent(m.pixel.auroc), percent(m.pro), percent(m.image.max_f1), percent(m.image.auroc),
       percent(m.region_f1));
}

void print_metrics(const eval::EvaluationResult& result) {
  show("{:<16} {:>6} {:>9} {:>7} {:>6} {:>8} {:>6} {:>6} {:>8} {:>8} {:>9}\n", "%", "images", "anomalous",
       "max-F1", "AP", "max-IoU", "AUROC", "PRO", "img F1", "img AUC", "region F1");
  for (const eval::CategoryResult& category : result.categories) {
    print_row(category.name, category.metrics);
    for (const eval::KindResult& kind : category.kinds) print_row("  " + kind.kind, kind.metrics);
  }
  for (const eval::MeanResult& mean : result.means) print_row("mean: " + mean.name, mean.metrics);
}

// Why figures of the table are undefined; each reason once per row.
std::vector<std::string> undefined_metrics(const eval::EvaluationResult& result) {
  std::vector<std::string> notes;
  const auto add = [&](const std::string& name, const Metrics& metrics) {
    std::map<std::string, std::vector<std::string>> by_reason;
    for (const auto& column : eval::report::metric_columns())
      if (column.title != nullptr && !eval::report::is_number(column.of(metrics)))
        by_reason[eval::report::reason_of(column.of(metrics))].push_back(
            fmt::format("{} ({}s)", column.title, column.level));
    for (const auto& [reason, figures] : by_reason)
      notes.push_back(fmt::format("{} of '{}' {} not defined: {}.", fmt::join(figures, ", "),
                                  eval::in_message(name), figures.size() == 1 ? "is" : "are", reason));
  };
  for (const eval::CategoryResult& category : result.categories) {
    add(category.name, category.metrics);
    for (const eval::KindResult& kind : category.kinds) add(category.name + ", " + kind.kind, kind.metrics);
  }
  return notes;
}

// The category's name as a file name, or its number if the name would lead to another folder.
std::string file_stem(const std::string& name, std::size_t number) {
  const bool plain = !name.empty() && name.size() <= 100 && !name.starts_with('.') &&
                     name.find_first_of("/\\") == std::string::npos;
  return plain ? name : fmt::format("category-{}", number);
}

void print_verdicts(const eval::CategoryResult& category) {
  show("\n{}: image scores\n{}", eval::in_message(category.name),
       eval::report::text_histogram(eval::report::histogram_of(category)));
  if (category.limit)
    show("{}: {}\n",
         category.limit->given ? "At the limit" : "At the limit of the best image F1, chosen on these images",
         eval::report::in_words(confusion_at(eval::report::scores_of(category), category.limit->value)));
}

}  // namespace

void add_detect_commands(const eval::RunPlan& plan, const std::filesystem::path& out,
                         eval::EvaluationResult& result) {
  std::error_code ignored;
  std::filesystem::create_directories(out / "prompts", ignored);
  for (std::size_t c = 0; c < result.categories.size(); ++c) {
    HybridPrompt prompt = plan.categories[c].prompts.front();
    prompt.limit.reset();  // said by the command
    const std::filesystem::path file = out / "prompts" / (file_stem(result.categories[c].name, c) + ".toml");
    write_file_atomically(file, to_toml(prompt));
    result.categories[c].detect_command = detect_command(plan, result.categories[c], file);
  }
  for (std::string& note : detect_notes(plan)) result.notes.push_back(std::move(note));
}

void add_report_command(const std::string& command, eval::EvaluationResult& result) {
  const std::pair<std::string, std::string> ran{eval::kCommand, command};
  auto& lines = result.configuration;
  if (std::find(lines.begin(), lines.end(), ran) == lines.end()) lines.emplace_back("report", command);
}

void print_summary(const eval::EvaluationResult& result) {
  print_metrics(result);
  for (const eval::CategoryResult& category : result.categories) print_verdicts(category);
  show("\n");
  for (const eval::CategoryResult& category : result.categories)
    if (!category.detect_command.empty())
      show("the same maps of {}: {}\n", eval::in_message(category.name), category.detect_command);
  write_notes(undefined_metrics(result));
  write_notes(result.notes);
}

void write_reports(const eval::EvaluationResult& result, const std::vector<eval::StudyTable>& studies,
                   const std::filesystem::path& folder) {
  write_results_json(result, studies, folder / "results.json");
  write_results_csv(result, folder / "results.csv");
  write_images_csv(result, folder / "images.csv");
  write_report_markdown(result, studies, folder / "report.md");
  write_report_html(result, studies, folder / "report.html");
}

Command add_eval(CLI::App& app) {
  const auto options = std::make_shared<EvalOptions>(app, "anomalyvlm-");
  app.footer(
      "A run that was ended goes on when the same command is given again. docs/EVALUATION.md tells "
      "more.\n\nExamples:\n"
      "  anomalyvlm eval --dataset folder --root parts --prompt part.toml\n"
      "  anomalyvlm eval --dataset mvtec --root mvtec_anomaly_detection --categories bottle,cable");
  return [options] {
    EvalOptions::Run run = options->run(false);
    eval::EvaluationResult result = evaluate(run.plan, *run.judge, *run.folder);
    result.failures = run.failures;
    add_detect_commands(run.plan, options->out(), result);
    add_report_command(options->command(), result);
    write_reports(result, {}, options->out());
    print_summary(result);
    show("report: {}\n", (options->out() / "report.html").string());
    return run.failures.empty() ? kFine : kFailed;
  };
}

}  // namespace anomalyvlm::cli
