#pragma once
// The error that a call throws.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "anomalyvlm/error.h"

namespace anomalyvlm::test {

// The text of the Error that `call` throws; "nothing was thrown" when it throws none.
inline std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

// The same, and the Error must be of this kind.
inline std::string error_of(ErrorKind kind, const std::function<void()>& call) {
  return error_of([&] {
    try {
      call();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      throw;
    }
  });
}

}  // namespace anomalyvlm::test
