#pragma once
// Where the project's sources lie, for tests that read files of it. Compiled into one place, so that test
// programs do not depend on the folder and a compiler cache serves every clone.
#include <filesystem>

namespace anomalyvlm::test {

std::filesystem::path source_dir();  // holds README.md; ../shared may lie beside it

}  // namespace anomalyvlm::test
