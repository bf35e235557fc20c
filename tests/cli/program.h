#pragma once
// Runs the program as a user does.
#include <filesystem>
#include <string>
#include <vector>

namespace anomalyvlm::test {

struct Outcome {
  int exit = -1;
  std::string out, err;
};

// Arguments are quoted for the shell. `environment`: assignments in front, "CI=1 X=y".
Outcome run_program(const std::vector<std::string>& arguments, const std::string& environment = "");

// A folder of its own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace anomalyvlm::test
