#pragma once
// Validators of option values, called while the command line is parsed.
#include <string>
#include <vector>

#include "anomalyvlm/error.h"
#include "cli_fwd.h"

namespace anomalyvlm::cli {

// The error that `read` reports for an option's value; nothing if the value is valid.
template <typename Read>
std::string complaint(Read&& read) {
  try {
    read();
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

// A whole number from `least` to `most`; `zero`: what 0 means, if it is allowed as well.
CLI::Validator whole_number(long long least, long long most, const std::string& why = "",
                            const std::string& zero = "");
CLI::Validator finite_number(double least);  // of this or more
CLI::Validator positive_number();
// One of these words.
CLI::Validator one_of(const std::vector<std::string>& words);

}  // namespace anomalyvlm::cli
