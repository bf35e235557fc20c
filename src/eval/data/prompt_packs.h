#pragma once
// The prompts of the known data sets' categories, after the paper's recipe (IV-A):
// prompts/DATASET/CATEGORY.toml.
#include <filesystem>
#include <optional>
#include <string>

#include "anomalyvlm/prompt.h"

namespace anomalyvlm::eval {

// prompts/DATASET/CATEGORY.toml below `folder`; none where there is no such file. Throws as load_prompt().
std::optional<HybridPrompt> packed_prompt(const std::filesystem::path& folder, const std::string& dataset,
                                          const std::string& category);
// prompts/DATASET/CATEGORY.named.toml: for textures, whose usual prompt is "defect", the names of their
// defects.
std::optional<HybridPrompt> named_prompt(const std::filesystem::path& folder, const std::string& dataset,
                                         const std::string& category);

}  // namespace anomalyvlm::eval
