#include "progress.h"

#include <fmt/format.h>

#include "core/platform.h"
#include "core/printable.h"
#include "output.h"

namespace anomalyvlm::cli {

Progress::Progress(std::size_t items, const char* unit, std::chrono::seconds log_every)
    : items_(items),
      unit_(unit),
      on_(items > 1 && is_terminal(2) && !quiet()),
      log_every_(items > 1 && !is_terminal(2) ? log_every : std::chrono::seconds{}) {}

std::string Progress::time_left(std::size_t done) const {
  if (!first_ || done <= *first_) return {};
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  return fmt::format("{:.0f} s left",
                     seconds / static_cast<double>(done - *first_) * static_cast<double>(items_ - done));
}

void Progress::show(std::size_t done, const std::string& doing) {
  if (!first_) first_ = done;
  const auto now = std::chrono::steady_clock::now();
  if (log_every_.count() > 0 && now - logged_ >= log_every_) {
    note("{} of {}{}, {}", done, items_, unit_, time_left(done));
    logged_ = now;
  }
  if (!on_) return;
  constexpr std::size_t kWidth = 30, kName = 32;
  const std::size_t filled = kWidth * done / items_;
  write_progress(fmt::format(
      "\r\033[K[{:=<{}}{: <{}}] {}/{}{} {} {}", "", filled, "", kWidth - filled, done, items_, unit_,
      time_left(done), printable(doing.size() > kName ? "..." + doing.substr(doing.size() - kName) : doing)));
  shown_ = true;
}

void Progress::clear() {
  if (!shown_) return;
  write_progress("\r\033[K");
  shown_ = false;
}

}  // namespace anomalyvlm::cli
