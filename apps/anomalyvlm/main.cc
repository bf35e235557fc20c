// anomalyvlm: finds anomalies in photographs from a description in words.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <map>

#include "anomalyvlm/detector.h"
#include "anomalyvlm/error.h"
#include "commands.h"
#include "core/check.h"
#include "core/platform.h"

namespace anomalyvlm::cli {
namespace {

struct Entry {
  const char *name, *summary;
  Command (*add)(CLI::App& app);
};

constexpr Entry kEntries[] = {
    {"detect", "Finds and outlines anomalies in images", add_detect},
    {"eval", "Measures it on a data set with known defects: figures and a report", add_eval},
    {"study", "Repeats the paper's ablations on a data set", add_study},
    {"prompt", "Shows how a prompt is understood", add_prompt},
    {"models", "Lists, fetches, verifies and converts published weights", add_models},
    {"info", "Shows engines, devices, CPU, kernels, threads, cache, models", add_info},
};

Exit run(const Command& command) {
  try {
    const Exit exit = command();
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
      fail(ErrorKind::kIo, "What was found could not be printed.");
    return exit;
  } catch (const std::exception& error) {
    fmt::print(stderr, "anomalyvlm: {}\n", sentence_of(error));
    return kFailed;
  }
}

}  // namespace
}  // namespace anomalyvlm::cli

int main(int argc, char** argv) {
  using namespace anomalyvlm;
  prepare_process();
  CLI::App app("Finds anomalies in photographs of a product from a description of its standard in words.",
               "anomalyvlm");
  app.set_version_flag("--version", "anomalyvlm " + version());
  app.require_subcommand(1);
  app.footer("Exit: 0 fine, 1 the work failed, 2 usage. 'anomalyvlm COMMAND --help' tells more.");
  std::map<std::string, cli::Command> commands;
  for (const cli::Entry& entry : cli::kEntries)
    commands[entry.name] = entry.add(*app.add_subcommand(entry.name, entry.summary));
  if (argc > 1 && argv[1][0] != '-' && !commands.contains(argv[1])) {
    std::vector<std::string> names;
    for (const cli::Entry& entry : cli::kEntries) names.emplace_back(entry.name);
    fmt::print(stderr, "anomalyvlm: There is no command \"{}\"; there are {}.\n", argv[1],
               fmt::join(names, ", "));
    return cli::kUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? cli::kFine : cli::kUsage;
  }
  return cli::run(commands.at(app.get_subcommands().front()->get_name()));
}
