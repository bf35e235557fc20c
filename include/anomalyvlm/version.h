#pragma once
// Semantic versioning. The macros give the version of these headers, version() that of the linked library.
// Before 1.0 the binary interface may change with any version: build against the headers of the library you
// link.
#include <string>

#include "anomalyvlm/export.h"

#define ANOMALYVLM_VERSION_MAJOR 0
#define ANOMALYVLM_VERSION_MINOR 1
#define ANOMALYVLM_VERSION_PATCH 0
// For #if: 0.1.0 is 100, 1.2.3 is 10203.
#define ANOMALYVLM_VERSION \
  (ANOMALYVLM_VERSION_MAJOR * 10000 + ANOMALYVLM_VERSION_MINOR * 100 + ANOMALYVLM_VERSION_PATCH)

namespace anomalyvlm {

ANOMALYVLM_API std::string version();  // "0.1.0"

}  // namespace anomalyvlm
