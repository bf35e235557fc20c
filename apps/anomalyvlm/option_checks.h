#pragma once
// Checks of options' texts while the command line is read.
#include <string>

#include "anomalyvlm/error.h"

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

}  // namespace anomalyvlm::cli
