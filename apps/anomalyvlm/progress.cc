#include "progress.h"

#include <fmt/format.h>

#include <cstdio>

#include "core/platform.h"

namespace anomalyvlm::cli {

Progress::Progress(std::size_t items, const char* unit)
    : items_(items), unit_(unit), on_(items > 1 && is_terminal(2)) {}

void Progress::show(std::size_t done, const std::string& doing) {
  if (!on_) return;
  constexpr std::size_t kWidth = 30, kName = 32;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const std::size_t filled = kWidth * done / items_;
  if (!first_) first_ = done;
  std::string left;
  if (done > *first_)
    left = fmt::format("{:.0f} s left",
                       seconds / static_cast<double>(done - *first_) * static_cast<double>(items_ - done));
  fmt::print(stderr, "\r\033[K[{:=<{}}{: <{}}] {}/{}{} {} {}", "", filled, "", kWidth - filled, done, items_,
             unit_, left, doing.size() > kName ? "..." + doing.substr(doing.size() - kName) : doing);
  std::fflush(stderr);
  shown_ = true;
}

void Progress::clear() {
  if (!shown_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace anomalyvlm::cli
