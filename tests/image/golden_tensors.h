#pragma once
// Tensors of the test vectors beside the checkout, read without the code under test.
#include <filesystem>
#include <map>
#include <string>

#include "core/tensor.h"

namespace anomalyvlm::test {

std::map<std::string, Tensor> read_golden_tensors(const std::filesystem::path& file);

}  // namespace anomalyvlm::test
