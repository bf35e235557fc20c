#pragma once
// Names and shapes of published weight files, which may lie beside the checkout.
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "core/tensor.h"

namespace anomalyvlm::test {

inline std::filesystem::path shared_layout(const std::string& name) {
  return std::filesystem::path(AVLM_SOURCE_DIR) / ".." / "shared" / "layouts" / (name + ".json");
}

inline std::map<std::string, Shape> read_layout(const std::filesystem::path& file) {
  std::ifstream in(file);
  const nlohmann::json all = nlohmann::json::parse(in);
  std::map<std::string, Shape> layout;
  for (const auto& [name, entry] : all.at("state_dict").items())
    layout.emplace(name, entry.at("shape").get<Shape>());
  return layout;
}

}  // namespace anomalyvlm::test
