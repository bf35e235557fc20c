#include "core/check.h"

#include <cstring>

namespace anomalyvlm {

const char* error_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kBadInput:
      return "bad_input";
    case ErrorKind::kBadModel:
      return "bad_model";
    case ErrorKind::kBadPrompt:
      return "bad_prompt";
    case ErrorKind::kIo:
      return "io";
    case ErrorKind::kInternal:
      return "internal";
    case ErrorKind::kNoMemory:
      return "no_memory";
    case ErrorKind::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

void internal_error(std::string_view what, const char* file, int line) {
  const char* slash = std::strrchr(file, '/');
  fail(ErrorKind::kInternal, "internal error: '{}' does not hold at {}:{}; please report it", what,
       slash ? slash + 1 : file, line);
}

}  // namespace anomalyvlm
