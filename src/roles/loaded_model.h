#pragma once
// What says of a loaded model which one it is.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace anomalyvlm {

struct LoadedModel {
  std::string id;                // one line: name, version, weights' SHA-256
  std::uint64_t parameters = 0;  // numbers in the tensors of its weights that are used, as far as known
};

inline std::vector<std::string> ids_of(std::span<const LoadedModel> models) {
  std::vector<std::string> ids;
  for (const LoadedModel& model : models) ids.push_back(model.id);
  return ids;
}

}  // namespace anomalyvlm
