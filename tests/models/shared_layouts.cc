#include "models/shared_layouts.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "source_dir.h"

namespace anomalyvlm::test {

std::filesystem::path shared_layout(const std::string& name) {
  return source_dir() / ".." / "shared" / "layouts" / (name + ".json");
}

bool absent(const std::filesystem::path& layout) {
  if (std::filesystem::exists(layout)) return false;
  const char* ci = std::getenv("CI");
  EXPECT_FALSE(ci && std::string(ci) == "true" && std::filesystem::exists(layout.parent_path().parent_path()))
      << "no " << layout;
  return true;
}

std::map<std::string, Shape> read_layout(const std::filesystem::path& file) {
  std::ifstream in(file);
  const nlohmann::json all = nlohmann::json::parse(in);
  std::map<std::string, Shape> layout;
  for (const auto& [name, entry] : all.at("state_dict").items())
    layout.emplace(name, entry.at("shape").get<Shape>());
  return layout;
}

}  // namespace anomalyvlm::test
