// anomalyvlm eval: a data set in, the paper's figures and a report out.
#include <fmt/format.h>

#include <algorithm>

#include "commands.h"
#include "eval.h"
#include "eval/data/listing.h"
#include "eval/report/text.h"
#include "eval/run/score.h"
#include "eval_options.h"

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

}  // namespace

void print_figures(const eval::EvaluationResult& result) {
  show("{:<16} {:>6} {:>9} {:>7} {:>6} {:>8} {:>6} {:>6} {:>8} {:>8} {:>9}\n", "%", "images", "anomalous",
       "max-F1", "AP", "max-IoU", "AUROC", "PRO", "img F1", "img AUC", "region F1");
  for (const eval::CategoryResult& category : result.categories) {
    print_row(category.name, category.metrics);
    for (const eval::KindResult& kind : category.kinds) print_row("  " + kind.kind, kind.metrics);
  }
  for (const eval::MeanResult& mean : result.means) print_row("mean: " + mean.name, mean.metrics);
}

void write_reports(const eval::EvaluationResult& result, const std::vector<eval::StudyTable>& studies,
                   const std::filesystem::path& folder) {
  write_results_json(result, folder / "results.json");
  write_results_csv(result, folder / "results.csv");
  write_report_markdown(result, folder / "report.md");
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
    eval::EvaluationResult result = evaluate(run.plan, run.config, *run.folder);
    result.failures = run.failures;
    write_reports(result, {}, options->out());
    print_figures(result);
    show("report: {}\n", (options->out() / "report.html").string());
    return run.failures.empty() ? kFine : kFailed;
  };
}

}  // namespace anomalyvlm::cli
