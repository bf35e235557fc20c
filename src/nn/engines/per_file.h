#pragma once
// What an engine keeps of each weight file, for as long as the file is in memory.
#include <map>
#include <memory>
#include <utility>

#include "weights/weights.h"

namespace anomalyvlm::nn {

// Not thread-safe.
template <typename T>
class PerFile {
 public:
  // A T() for a file that is met for the first time.
  T& of(const std::shared_ptr<const WeightFile>& file) {
    std::erase_if(kept_, [](const auto& entry) { return entry.second.first.expired(); });
    auto& [owner, kept] = kept_[file.get()];
    owner = file;
    return kept;
  }

 private:
  std::map<const WeightFile*, std::pair<std::weak_ptr<const WeightFile>, T>> kept_;
};

}  // namespace anomalyvlm::nn
