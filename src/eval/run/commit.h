#pragma once
// Which state of the sources a program was built from.
#include <string>

namespace anomalyvlm::eval {

// "3f5cf63a1b2c", with "-dirty" where files differed from it; empty: built without git.
std::string commit();

}  // namespace anomalyvlm::eval
