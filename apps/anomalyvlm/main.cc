// anomalyvlm: finds anomalies in photographs from a description in words.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>

#include "anomalyvlm/detector.h"
#include "anomalyvlm/error.h"
#include "commands.h"
#include "core/check.h"
#include "core/platform.h"

int main(int argc, char** argv) {
  using namespace anomalyvlm;
  prepare_process();
  using cli::Command;
  CLI::App app("Finds anomalies in photographs of a product from a description of its standard in words.",
               "anomalyvlm");
  app.set_version_flag("--version", "anomalyvlm " + version());
  app.require_subcommand(1);
  app.footer("Exit: 0 fine, 1 the work failed, 2 usage. 'anomalyvlm COMMAND --help' tells more.");
  struct Entry {
    const char *name, *summary;
    Command (*add)(CLI::App& app);
  };
  constexpr Entry kEntries[] = {
      {"detect", "Finds and outlines anomalies in images", cli::add_detect},
      {"eval", "Measures it on a data set with known defects: figures and a report", cli::add_eval},
      {"study", "Repeats the paper's ablations on a data set", cli::add_study},
      {"prompt", "Shows how a prompt is understood", cli::add_prompt},
      {"models", "Lists, fetches, verifies and converts published weights", cli::add_models},
      {"info", "Shows engines, devices, CPU, kernels, threads, cache, models", cli::add_info},
  };
  std::vector<std::pair<CLI::App*, Command>> commands;
  std::vector<std::string> names;
  for (const Entry& entry : kEntries) {
    CLI::App* subcommand = app.add_subcommand(entry.name, entry.summary);
    commands.emplace_back(subcommand, entry.add(*subcommand));
    names.emplace_back(entry.name);
  }
  if (argc > 1 && argv[1][0] != '-' && std::find(names.begin(), names.end(), argv[1]) == names.end()) {
    fmt::print(stderr, "anomalyvlm: There is no command \"{}\"; there are {}.\n", argv[1],
               fmt::join(names, ", "));
    return cli::kUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? cli::kFine : cli::kUsage;
  }
  try {
    for (const auto& [subcommand, run] : commands) {
      if (!subcommand->parsed()) continue;
      const cli::Exit exit = run();
      if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        fail(ErrorKind::kIo, "What was found could not be printed.");
      return exit;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "anomalyvlm: %s\n", cli::sentence_of(error).c_str());
    return cli::kFailed;
  }
  return cli::kUsage;
}
