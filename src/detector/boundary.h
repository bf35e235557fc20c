#pragma once
// Only Error leaves the library: any other exception is converted here.
#include <exception>
#include <new>
#include <stdexcept>
#include <type_traits>

#include "core/check.h"

namespace anomalyvlm {

template <typename Call>
std::invoke_result_t<Call> guarded(Call&& call) {
  constexpr const char* kNoMemory =
      "There is not enough memory for this; use smaller images, tiles or fewer jobs at the same time.";
  try {
    return call();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    fail(ErrorKind::kNoMemory, "{}", kNoMemory);
  } catch (const std::length_error&) {  // more elements than a container can ever hold
    fail(ErrorKind::kNoMemory, "{}", kNoMemory);
  } catch (const std::exception& error) {
    fail(ErrorKind::kInternal, "A library that this program uses failed: {}", error.what());
  }
}

}  // namespace anomalyvlm
