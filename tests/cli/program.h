#pragma once
// Runs the program as a user does.
#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "temporary_folder.h"

namespace anomalyvlm::test {

struct Outcome {
  int exit = -1;  // 128 and the signal's number for a process that was ended by one
  std::string out, err;
  double seconds = 0, cpu_seconds = 0, peak_megabytes = 0;
};

struct Surroundings {
  std::string environment = {};        // assignments separated by blanks: "CI=1 X=y"
  std::function<void()> prepare = {};  // called in the child before the program starts: limits, streams
};

Outcome run_program(const std::vector<std::string>& arguments, const Surroundings& surroundings = {});
// With a terminal as its output and error streams; what it showed is `out`.
Outcome run_on_terminal(const std::vector<std::string>& arguments);

// In two steps: the outputs go to files in `folder` in between.
pid_t start_program(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                    const Surroundings& surroundings = {});
Outcome finish_program(pid_t process, const std::filesystem::path& folder);

std::vector<std::string> names_in(const std::filesystem::path& folder);  // in order; empty: no such folder

}  // namespace anomalyvlm::test
