#include "serve/service/accept.h"

#include <algorithm>
#include <charconv>

namespace anomalyvlm::serve {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes a piece up to `separator` off a list.
std::string_view take(std::string_view& list, char separator) {
  const std::size_t end = std::min(list.find(separator), list.size());
  const std::string_view piece = trim(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return piece;
}

struct Range {
  std::string_view type;  // "image/png", "image/*", "*/*"
  double quality = 1;
};

Range read_range(std::string_view text) {
  Range range{take(text, ';')};
  while (!text.empty()) {
    const std::string_view parameter = take(text, ';');
    if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) continue;
    const std::string_view number = parameter.substr(2);
    if (std::from_chars(number.data(), number.data() + number.size(), range.quality).ec != std::errc())
      range.quality = 0;
  }
  return range;
}

// How well a range names a type: 3 the type itself, 2 "image/*", 1 "*/*", 0 not at all.
int closeness(std::string_view range, std::string_view type) {
  if (range == type) return 3;
  if (range == "*/*") return 1;
  return range.ends_with("/*") && type.starts_with(range.substr(0, range.size() - 1)) ? 2 : 0;
}

}  // namespace

std::string_view choose_type(std::string_view accept, std::span<const std::string_view> offered) {
  if (trim(accept).empty()) return offered.front();
  std::string_view best;
  double best_quality = 0;
  for (const std::string_view type : offered) {
    Range nearest;
    int nearness = 0;
    for (std::string_view rest = accept; !rest.empty();) {
      const Range range = read_range(take(rest, ','));
      const int close = closeness(range.type, type);
      if (close > nearness) {
        nearness = close;
        nearest = range;
      }
    }
    if (nearness == 0 || nearest.quality <= best_quality) continue;
    best = type;
    best_quality = nearest.quality;
  }
  return best;
}

}  // namespace anomalyvlm::serve
