#include "anomalyvlm/version.h"

#include <fmt/format.h>

namespace anomalyvlm {

std::string version() {
  return fmt::format("{}.{}.{}", ANOMALYVLM_VERSION_MAJOR, ANOMALYVLM_VERSION_MINOR,
                     ANOMALYVLM_VERSION_PATCH);
}

}  // namespace anomalyvlm
