#pragma once
// The subcommands, a file each. add_NAME() declares options and help; what it returns does the work after the
// command line was parsed, and gives the exit code.
#include <CLI/CLI.hpp>
#include <functional>

namespace anomalyvlm::cli {

enum Exit { kFine = 0, kFailed = 1, kUsage = 2 };

using Command = std::function<Exit()>;

Command add_detect(CLI::App& app);
Command add_info(CLI::App& app);
Command add_models(CLI::App& app);
Command add_prompt(CLI::App& app);

}  // namespace anomalyvlm::cli
