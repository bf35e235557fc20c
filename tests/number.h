#pragma once
#include <charconv>
#include <limits>
#include <string_view>

namespace anomalyvlm::test {

// The number that a text begins with, in whatever locale; NaN: none.
inline double number(std::string_view text) {
  double value = std::numeric_limits<double>::quiet_NaN();
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace anomalyvlm::test
