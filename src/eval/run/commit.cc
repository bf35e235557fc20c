#include "eval/run/commit.h"

#include "commit_now.h"  // made by cmake/WriteCommit.cmake

namespace anomalyvlm::eval {

std::string commit() { return AVLM_COMMIT; }

}  // namespace anomalyvlm::eval
