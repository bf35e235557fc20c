// anomalyvlm: finds anomalies in photographs from a description in words.
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
  const std::vector<std::pair<CLI::App*, Command>> commands = [&] {
    std::vector<std::pair<CLI::App*, Command>> list;
    CLI::App* detect = app.add_subcommand("detect", "Finds and outlines anomalies in images");
    list.emplace_back(detect, cli::add_detect(*detect));
    CLI::App* prompt = app.add_subcommand("prompt", "Shows how a prompt is understood");
    list.emplace_back(prompt, cli::add_prompt(*prompt));
    CLI::App* models =
        app.add_subcommand("models", "Lists, fetches, verifies and converts published weights");
    list.emplace_back(models, cli::add_models(*models));
    CLI::App* info =
        app.add_subcommand("info", "Shows engines, devices, CPU, kernels, threads, cache, models");
    list.emplace_back(info, cli::add_info(*info));
    return list;
  }();
  const auto is_given = [&](const auto& command) { return command.first->get_name() == argv[1]; };
  if (argc > 1 && argv[1][0] != '-' && std::none_of(commands.begin(), commands.end(), is_given)) {
    std::fprintf(stderr, "anomalyvlm: There is no command \"%s\"; there are detect, prompt and info.\n",
                 argv[1]);
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
