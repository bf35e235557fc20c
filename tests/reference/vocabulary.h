#pragma once
// The vocabulary of a case's texts.
#include <string>

#include "reference/case.h"

namespace anomalyvlm::golden {

// The file that case.json names, else `name` in a folder "vocab" beside the kinds. Throws Error(kIo) when
// there is none.
std::filesystem::path find_vocabulary(const GoldenCase& golden,
                                      const std::string& name = "bert-base-uncased-vocab.txt");

}  // namespace anomalyvlm::golden
