#pragma once
// The subcommands, one file each. add_NAME() declares options and help; the function it returns does the work
// once the command line has been parsed, and returns the exit code.
#include <functional>
#include <new>
#include <stdexcept>
#include <string>

#include "anomalyvlm/error.h"
#include "cli_fwd.h"
#include "output.h"

namespace anomalyvlm::cli {

enum Exit { kFine = 0, kFailed = 1, kUsage = 2, kNotOk = 3 };

// The command line asks for something impossible; the exit code is kUsage.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// For work that depends on options alone: its errors are usage errors.
template <typename Work>
auto as_usage(Work&& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kBadInput || error.kind() == ErrorKind::kBadPrompt)
      throw UsageError(error.what());
    throw;
  }
}

using Command = std::function<Exit()>;

// The error message for the user.
inline std::string sentence_of(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return "There is not enough memory for this.";
  return error.what();
}

Command add_cache(CLI::App& app);
Command add_calibrate(CLI::App& app);
Command add_detect(CLI::App& app);
Command add_eval(CLI::App& app);
Command add_info(CLI::App& app);
Command add_models(CLI::App& app);
Command add_prompt(CLI::App& app);
Command add_reference(CLI::App& app);
Command add_serve(CLI::App& app);
Command add_study(CLI::App& app);

}  // namespace anomalyvlm::cli
