#pragma once
// A temporary folder, removed at the end.
#include <atomic>
#include <filesystem>
#include <string>

#include "core/platform.h"

namespace anomalyvlm::test {

class TemporaryFolder {
 public:
  TemporaryFolder() { std::filesystem::create_directories(path_); }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  static std::string new_name() {
    static std::atomic<int> count{0};
    return "anomalyvlm-test-" + std::to_string(process_id()) + "-" + std::to_string(count++);
  }

  std::filesystem::path path_ = std::filesystem::temp_directory_path() / new_name();
};

}  // namespace anomalyvlm::test
