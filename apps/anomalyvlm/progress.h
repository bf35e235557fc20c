#pragma once
// The progress of a long call, on a terminal's last line or in a log.
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace anomalyvlm::cli {

// Shows nothing if there is only one item. Call clear() before anything else is printed.
class Progress {
 public:
  // If stderr is not a terminal, prints a line every `log_every`; 0: nothing.
  explicit Progress(std::size_t items, const char* unit = "", std::chrono::seconds log_every = {});
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Items that were done before the first call are ignored when the remaining time is estimated.
  void show(std::size_t done, const std::string& doing);
  void clear();

 private:
  std::size_t items_;
  const char* unit_;
  bool on_;
  bool shown_ = false;
  std::chrono::seconds log_every_;
  std::optional<std::size_t> first_;  // done at the first call
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), logged_ = start_;
  std::string time_left(std::size_t done) const;  // "12 s left"; empty if unknown yet
};

}  // namespace anomalyvlm::cli
