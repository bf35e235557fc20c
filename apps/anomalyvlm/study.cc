// anomalyvlm study: the paper's ablations and comparisons on a data set.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>

#include "commands.h"
#include "core/platform.h"
#include "eval.h"
#include "eval/report/documents.h"
#include "eval/run/score.h"
#include "eval/studies/studies.h"
#include "eval_options.h"
#include "option_checks.h"
#include "study_runs.h"

namespace anomalyvlm::cli {
namespace {

constexpr const char* kMethods = "methods";  // a study of other runs too, so it is none of the default

std::vector<std::string> study_names() {
  std::vector<std::string> names;
  for (const eval::Study& study : eval::studies()) names.emplace_back(study.name);
  return names;
}

std::string study_help() {
  std::string help = "Which, separated by commas:";
  for (const eval::Study& study : eval::studies())
    help += fmt::format(" {} ({});", study.name, study.summary);
  return fmt::format("{} by default these; and {} (as --methods without a list)", help, kMethods);
}

struct StudyArguments {
  std::vector<std::string> studies = study_names(), models, methods;

  bool wants(std::string_view study) const {
    return std::find(studies.begin(), studies.end(), study) != studies.end() ||
           (study == kMethods && !methods.empty());
  }
};

// All that can be known before the first image is run.
OtherMethods checked(const EvalOptions& options, const StudyArguments& arguments) {
  require_distinct(arguments.studies, "--studies");
  if (!arguments.models.empty()) require_distinct(arguments.models, "--models");
  if (!arguments.methods.empty()) require_distinct(arguments.methods, "--methods");
  const bool methods = arguments.wants(kMethods);
  if (options.reads_standard_input() && (methods || !arguments.models.empty()))
    throw UsageError(
        "Each run that is compared reads the prompt, but standard input can be read only once: give --prompt "
        "a "
        "file.");
  return methods ? other_methods(options, arguments.methods) : OtherMethods();
}

Exit run_studies(const EvalOptions& options, const StudyArguments& arguments) {
  const OtherMethods others = checked(options, arguments);
  write_notes(others.notes);
  EvalOptions::Run run = options.run(arguments.wants("phrases"));
  eval::EvaluationResult result = evaluate(run.plan, *run.judge, *run.folder);
  result.failures = run.failures;
  std::vector<eval::StudyTable> tables;
  const auto add = [&](eval::StudyTable table) {  // written at once, for what follows may take long
    write_study(table, options.out());
    tables.push_back(std::move(table));
  };
  for (const eval::Study& study : eval::studies())
    if (arguments.wants(study.name)) add(study.run({run.plan, *run.judge, *run.folder, result}));
  if (!arguments.models.empty()) add(study_models(options, arguments.models));
  if (arguments.wants(kMethods))
    for (eval::StudyTable& table : study_methods(options, others, result, run.plan.side))
      add(std::move(table));
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
  std::vector<std::string> known = study_names();
  known.emplace_back(kMethods);
  app.add_option("--studies", arguments->studies, study_help())
      ->delimiter(',')
      ->type_name("NAMES")
      ->check(one_of(known))
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
  app.add_option(
         "--methods", arguments->methods,
         "Also compares the run with these methods, each run in a process of its own with its default "
         "model (Tables I, IV and V), as in utad,winclip; with --studies methods all whose weights are "
         "there")
      ->delimiter(',')
      ->type_name("NAMES")
      ->check(one_of(method_names()))
      ->group(kStudy);
  app.footer(
      "A run that was ended goes on when the same command is given again. docs/EVALUATION.md tells "
      "more.\n\nExamples:\n"
      "  anomalyvlm study --dataset folder --root parts\n"
      "  anomalyvlm study --dataset mtd --root MTD --models nano,paper\n"
      "  anomalyvlm study --dataset folder --root parts --studies methods\n"
      "  anomalyvlm study --dataset folder --root parts --methods utad,patchcore --references 8");
  return [=] { return run_studies(*options, *arguments); };
}

}  // namespace anomalyvlm::cli
