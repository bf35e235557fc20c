#pragma once
// Short patterns of characters: at each place a set of them. Private to src/text.
#include <algorithm>
#include <string_view>

namespace anomalyvlm {

// "a-z" within a set is a range.
constexpr bool is_in(std::u32string_view set, char32_t c) {
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (i + 2 < set.size() && set[i + 1] == U'-') {
      if (c >= set[i] && c <= set[i + 2]) return true;
      i += 2;
    } else if (set[i] == c) {
      return true;
    }
  }
  return false;
}

// The length of the first of some patterns, each a list of sets that ends with an empty one, that a text
// begins with; 0: with none.
template <std::size_t Patterns, std::size_t Places>
std::size_t length_of_match(const std::u32string_view (&patterns)[Patterns][Places],
                            std::u32string_view text) {
  for (const auto& pattern : patterns) {
    std::size_t length = 0;
    while (length < Places && !pattern[length].empty() && length < text.size() &&
           is_in(pattern[length], text[length]))
      ++length;
    if (length > 0 && (length == Places || pattern[length].empty())) return length;
  }
  return 0;
}

}  // namespace anomalyvlm
