#pragma once
// Names and shapes of published weight files, which may lie beside the checkout.
#include <filesystem>
#include <map>
#include <string>

#include "core/tensor.h"

namespace anomalyvlm::test {

std::filesystem::path shared_layout(const std::string& name);

// A test without its layout is skipped; but where ../shared lies beside the checkout, on the machine that
// decides, that is a failure.
bool absent(const std::filesystem::path& layout);

std::map<std::string, Shape> read_layout(const std::filesystem::path& file);

}  // namespace anomalyvlm::test
