#include "eval/data/prompt_packs.h"

#include "eval/data/listing.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

namespace {

// A category of the user's may be called anything: only names of one part are looked up.
bool is_plain(const std::string& name) {
  return !name.empty() && !name.starts_with('.') && name.find_first_of("/\\") == std::string::npos;
}

std::optional<HybridPrompt> look_up(const fs::path& folder, const std::string& dataset,
                                    const std::string& category, const char* extension) {
  if (!is_plain(dataset) || !is_plain(category)) return std::nullopt;
  const fs::path file = folder / dataset / (category + extension);
  if (!is_file(file)) return std::nullopt;
  return load_prompt(file);
}

}  // namespace

std::optional<HybridPrompt> packed_prompt(const fs::path& folder, const std::string& dataset,
                                          const std::string& category) {
  return look_up(folder, dataset, category, ".toml");
}

std::optional<HybridPrompt> named_prompt(const fs::path& folder, const std::string& dataset,
                                         const std::string& category) {
  return look_up(folder, dataset, category, ".named.toml");
}

}  // namespace anomalyvlm::eval
