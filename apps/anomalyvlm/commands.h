#pragma once
// The subcommands, a file each. add_NAME() declares options and help; what it returns does the work after the
// command line was parsed, and gives the exit code.
#include <CLI/CLI.hpp>
#include <functional>
#include <new>
#include <string>

namespace anomalyvlm::cli {

enum Exit { kFine = 0, kFailed = 1, kUsage = 2 };

using Command = std::function<Exit()>;

// What a person is told of a failure.
inline std::string sentence_of(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return "There is not enough memory for this.";
  return error.what();
}

Command add_detect(CLI::App& app);
Command add_eval(CLI::App& app);
Command add_info(CLI::App& app);
Command add_models(CLI::App& app);
Command add_prompt(CLI::App& app);
Command add_study(CLI::App& app);

}  // namespace anomalyvlm::cli
