#pragma once
// Helpers that throw anomalyvlm::Error with a formatted sentence.
#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "anomalyvlm/error.h"

namespace anomalyvlm {

template <typename... Args>
[[noreturn]] void fail(ErrorKind kind, fmt::format_string<Args...> text, Args&&... args) {
  throw Error(kind, fmt::format(text, std::forward<Args>(args)...));
}

// A violated invariant of the program (never a user's mistake).
[[noreturn]] void internal_error(std::string_view what, const char* file, int line);

}  // namespace anomalyvlm

#define AVLM_CHECK(condition)                                                       \
  do {                                                                              \
    if (!(condition)) ::anomalyvlm::internal_error(#condition, __FILE__, __LINE__); \
  } while (false)
