#pragma once
// Checks of options' texts while the command line is read.
#include <string>
#include <vector>

#include "anomalyvlm/error.h"
#include "cli_fwd.h"

namespace anomalyvlm::cli {

// What is wrong with an option's text, as `read` says; nothing when it can be used.
template <typename Read>
std::string complaint(Read&& read) {
  try {
    read();
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

// A whole number from `least` to `most`, and why no other; `zero`: what 0 means, where it is allowed besides.
CLI::Validator whole_number(long long least, long long most, const std::string& why = "",
                            const std::string& zero = "");
CLI::Validator finite_number(double least);  // of this or more
CLI::Validator positive_number();
// One of these words.
CLI::Validator one_of(const std::vector<std::string>& words);

}  // namespace anomalyvlm::cli
