#pragma once
// What the folder of an evaluation holds.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "core/files.h"

namespace anomalyvlm::test {

// The ids of the images that were judged, sorted.
inline std::vector<std::string> judged_images(const std::string& folder) {
  std::vector<std::string> ids;
  std::istringstream text(read_file(folder + "/results.jsonl"));
  for (std::string line; std::getline(text, line);) ids.push_back(nlohmann::json::parse(line)["image"]);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace anomalyvlm::test
