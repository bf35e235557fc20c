#pragma once
// How far a long call is, on a terminal's last line.
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace anomalyvlm::cli {

// Shows nothing when stderr is no terminal, or there is one item only. clear() before anything else is
// printed.
class Progress {
 public:
  explicit Progress(std::size_t items, const char* unit = "");
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // What was done at the first call counts as no work of this one when the time left is reckoned.
  void show(std::size_t done, const std::string& doing);
  void clear();

 private:
  std::size_t items_;
  const char* unit_;
  bool on_;
  bool shown_ = false;
  std::optional<std::size_t> first_;  // done at the first call
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace anomalyvlm::cli
