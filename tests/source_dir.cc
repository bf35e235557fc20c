#include "source_dir.h"

namespace anomalyvlm::test {

std::filesystem::path source_dir() { return AVLM_SOURCE_DIR; }

}  // namespace anomalyvlm::test
