// anomalyvlm study: the paper's ablations on a data set.
#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "commands.h"
#include "core/check.h"
#include "core/platform.h"
#include "eval.h"
#include "eval/report/documents.h"
#include "eval/run/score.h"
#include "eval/studies/studies.h"
#include "eval_options.h"
#include "option_checks.h"

namespace anomalyvlm::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> study_names() {
  std::vector<std::string> names;
  for (const eval::Study& study : eval::studies()) names.emplace_back(study.name);
  return names;
}

std::string study_help() {
  std::string help = "Which, separated by commas:";
  for (const eval::Study& study : eval::studies())
    help += fmt::format(" {} ({});", study.name, study.summary);
  return help + " by default all";
}

eval::MetricValue metric_value_of(const eval::Json& value) {
  return value.is_number() ? eval::MetricValue::of(value.get<double>())
                           : eval::MetricValue::none("it is not defined");
}

// The results that a run in a process of its own wrote.
eval::FinishedRun read_run(const std::string& model, const fs::path& folder) {
  const eval::Json results = eval::Json::parse(read_file(folder / "results.json"));
  const eval::Json machine = eval::Json::parse(read_file(folder / "machine.json"));
  const eval::Json& total =
      results.at("means").empty() ? results.at("categories").at(0) : results.at("means").back();
  eval::FinishedRun run{.label = model, .metrics = {}};
  run.metrics.pixel.max_f1 = metric_value_of(total.at("pixel").at("max_f1"));
  run.metrics.pixel.ap = metric_value_of(total.at("pixel").at("ap"));
  run.metrics.pixel.max_iou = metric_value_of(total.at("pixel").at("max_iou"));
  for (const eval::Json& stage : results.at("stages")) run.seconds += stage.at("seconds").get<double>();
  run.peak_memory = machine.at("peak_memory_bytes");
  return run;
}

// Each model runs in a process of its own, so that its peak memory can be measured. Unreadable images do not
// end a run; its results report them.
eval::StudyTable study_models(const EvalOptions& options, const std::vector<std::string>& models) {
  std::vector<eval::FinishedRun> runs;
  for (const std::string& model : models) {
    const fs::path folder = options.out() / "models" / model;
    note("the model {}:", model);
    std::error_code ignored;
    fs::remove(folder / "results.json", ignored);
    const int exit = run_and_wait(program_file(), options.arguments(model, folder));
    if (exit != kFine && !fs::exists(folder / "results.json", ignored))
      fail(ErrorKind::kBadInput, "The run with the model {} ended with {}; see above.", model, exit);
    runs.push_back(read_run(model, folder));
  }
  return compare_backbones(runs);
}

struct StudyArguments {
  std::vector<std::string> studies = study_names(), models;
};

Exit run_studies(const EvalOptions& options, const StudyArguments& arguments) {
  const auto wanted = [&](const char* name) {
    return std::find(arguments.studies.begin(), arguments.studies.end(), name) != arguments.studies.end();
  };
  EvalOptions::Run run = options.run(wanted("phrases"));
  eval::EvaluationResult result = evaluate(run.plan, *run.judge, *run.folder);
  result.failures = run.failures;
  std::vector<eval::StudyTable> tables;
  for (const eval::Study& study : eval::studies()) {
    if (!wanted(study.name)) continue;
    tables.push_back(study.run({run.plan, *run.judge, *run.folder, result}));
    write_study(tables.back(), options.out());
  }
  if (!arguments.models.empty()) {
    tables.push_back(study_models(options, arguments.models));
    write_study(tables.back(), options.out());
  }
  add_detect_commands(run.plan, options.out(), result);
  add_report_command(options.command(), result);
  write_reports(result, tables, options.out());
  print_summary(result);
  for (const eval::StudyTable& table : tables) show("\n{}", read_file(options.out() / (table.name + ".md")));
  show("\nreport: {}\n", (options.out() / "report.html").string());
  return run.failures.empty() ? kFine : kFailed;
}

}  // namespace

Command add_study(CLI::App& app) {
  const auto options = std::make_shared<EvalOptions>(app, "anomalyvlm-study-");
  const auto arguments = std::make_shared<StudyArguments>();
  constexpr const char* kStudy = "Studies";
  app.add_option("--studies", arguments->studies, study_help())
      ->delimiter(',')
      ->type_name("NAMES")
      ->check(one_of(study_names()))
      ->default_str("")
      ->group(kStudy);
  const CLI::Validator model(
      [](const std::string& text) { return complaint([&] { validate(DetectorOptions{.model = text}); }); },
      "", "model");
  app.add_option("--models", arguments->models,
                 "Also compares these models, each run in a process of its own (Table IV), as in nano,paper")
      ->delimiter(',')
      ->type_name("NAMES")
      ->check(model)
      ->group(kStudy);
  app.footer(
      "A run that was ended goes on when the same command is given again. docs/EVALUATION.md tells "
      "more.\n\nExamples:\n"
      "  anomalyvlm study --dataset folder --root parts\n"
      "  anomalyvlm study --dataset mtd --root MTD --models nano,paper");
  return [=] { return run_studies(*options, *arguments); };
}

}  // namespace anomalyvlm::cli
