#include "anomalyvlm/detector.h"

namespace anomalyvlm {

std::string version() { return AVLM_VERSION; }

}  // namespace anomalyvlm
