#include "study_runs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "commands.h"
#include "core/check.h"
#include "core/platform.h"
#include "detector/methods.h"
#include "eval/report/documents.h"
#include "eval/studies/comparisons.h"
#include "process/process.h"

namespace anomalyvlm::cli {
namespace {

namespace fs = std::filesystem;

// Unreadable images do not end a run; its results report them.
eval::FinishedRun run_apart(const std::string& what, const std::string& name, const fs::path& folder,
                            const std::vector<std::string>& arguments) {
  note("the {} {}:", what, name);
  std::error_code ignored;
  fs::remove(folder / "results.json", ignored);
  const int exit = run_and_wait(program_file(), arguments);
  constexpr int kSignals = 128;
  if (exit > kSignals)
    fail(ErrorKind::kBadInput,
         "The run with the {} {} was ended by signal {} (9: the system may have run out of memory); the same "
         "command goes on from there.",
         what, name, exit - kSignals);
  if (exit != kFine && !fs::exists(folder / "results.json", ignored))
    fail(ErrorKind::kBadInput, "The run with the {} {} ended with {}; see above.", what, name, exit);
  return eval::read_run(name, folder);
}

}  // namespace

void require_distinct(const std::vector<std::string>& names, const char* option) {
  if (names.empty()) throw UsageError(fmt::format("{} names nothing to compare.", option));
  for (auto name = names.begin(); name != names.end(); ++name)
    if (std::find(names.begin(), name, *name) != name)
      throw UsageError(fmt::format("{} names {} twice.", option, *name));
}

eval::StudyTable study_models(const EvalOptions& options, const std::vector<std::string>& models) {
  std::vector<eval::FinishedRun> runs;
  for (const std::string& model : models) {
    const fs::path folder = options.out() / "models" / model;
    runs.push_back(run_apart("model", model, folder, options.with_model(model, folder)));
  }
  return eval::compare_models(runs);
}

OtherMethods other_methods(const EvalOptions& options, const std::vector<std::string>& named) {
  OtherMethods others;
  for (const std::string& name : named.empty() ? method_names() : named) {
    if (name == options.method()) continue;
    const MethodEntry& method = method_entry(name);
    try {
      options.require_beside(method);
      others.methods.push_back(&method);
    } catch (const std::exception& error) {
      if (!named.empty()) throw;
      others.left_out.push_back(name);
      others.notes.push_back(fmt::format("{} is left out. {}", name, sentence_of(error)));
    }
  }
  return others;
}

std::vector<eval::StudyTable> study_methods(const EvalOptions& options, const OtherMethods& others,
                                            const eval::EvaluationResult& own, int side) {
  write_results_json(own, {}, options.out() / "results.json");
  std::vector<eval::FinishedRun> runs{eval::read_run(options.method(), options.out())};
  for (const MethodEntry* method : others.methods) {
    const fs::path folder = options.out() / "methods" / method->name;
    runs.push_back(run_apart("method", method->name, folder, options.with_method(*method, side, folder)));
  }
  std::vector<eval::StudyTable> tables{eval::compare_methods(runs, own.dataset),
                                       eval::compare_complexity(runs)};
  // Readers of a report need not know where weights are to be put.
  if (!others.left_out.empty())
    tables.front().notes.push_back(
        fmt::format("Left out, for what they need is not there: {}.", fmt::join(others.left_out, ", ")));
  return tables;
}

}  // namespace anomalyvlm::cli
