#pragma once
// How far a long call is: on a terminal's last line, or in a log.
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace anomalyvlm::cli {

// Shows nothing when there is one item only. clear() before anything else is printed.
class Progress {
 public:
  // Where stderr is no terminal, a line each `log_every`; 0: nothing.
  explicit Progress(std::size_t items, const char* unit = "", std::chrono::seconds log_every = {});
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
  std::chrono::seconds log_every_;
  std::optional<std::size_t> first_;  // done at the first call
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), logged_ = start_;
  std::string time_left(std::size_t done) const;  // "12 s left"; empty if unknown yet
};

}  // namespace anomalyvlm::cli
