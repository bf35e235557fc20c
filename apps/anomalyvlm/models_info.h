#pragma once
// Lists published weights and describes a model or a weight file: 'models list' and 'models info'.
#include <filesystem>
#include <string>
#include <string_view>

#include "commands.h"
#include "models/catalog/catalog.h"

namespace anomalyvlm::cli {

constexpr std::string_view kEmbedded = "nano";  // the model whose weights are part of the program
std::filesystem::path embedded_file();          // throws Error(kIo)

Exit list_models();
Exit describe_model(const std::string& what);  // a name of any of these, or a weight file

}  // namespace anomalyvlm::cli
