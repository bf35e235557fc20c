#include "core/check.h"

#include <cstring>

namespace anomalyvlm {

void internal_error(std::string_view what, const char* file, int line) {
  const char* slash = std::strrchr(file, '/');
  fail(ErrorKind::kInternal, "internal error: '{}' does not hold at {}:{}; please report it", what,
       slash ? slash + 1 : file, line);
}

}  // namespace anomalyvlm
