#include "weights/name_rules.h"

#include <vector>

namespace anomalyvlm {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// What '#' and '*' stand for.
struct Found {
  std::vector<std::string_view> numbers;
  std::string_view ending;
};

std::optional<Found> match(std::string_view from, std::string_view name) {
  Found found;
  std::size_t n = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] == '*' && i + 1 == from.size()) {
      found.ending = name.substr(n);
      n = name.size();
      if (found.ending.empty()) return std::nullopt;
    } else if (from[i] == '#') {
      const std::size_t start = n;
      while (n < name.size() && is_digit(name[n])) ++n;
      if (n == start) return std::nullopt;
      found.numbers.push_back(name.substr(start, n - start));
    } else if (n < name.size() && name[n] == from[i]) {
      ++n;
    } else {
      return std::nullopt;
    }
  }
  if (n != name.size()) return std::nullopt;
  return found;
}

}  // namespace

std::optional<std::string> renamed(const NameRule& rule, std::string_view name) {
  const std::optional<Found> found = match(rule.from, name);
  if (!found) return std::nullopt;
  std::string result;
  std::size_t number = 0;
  for (const char c : rule.to) {
    if (c == '#' && number < found->numbers.size())
      result += found->numbers[number++];
    else if (c == '*')
      result += found->ending;
    else
      result += c;
  }
  return result;
}

std::optional<std::string> renamed(std::span<const NameRule> rules, std::string_view name) {
  for (const NameRule& rule : rules) {
    if (auto result = renamed(rule, name)) return result;
  }
  return std::nullopt;
}

}  // namespace anomalyvlm
