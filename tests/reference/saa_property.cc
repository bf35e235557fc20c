#include "reference/saa_property.h"

#include <charconv>
#include <vector>

#include "core/check.h"

namespace anomalyvlm::reference {
namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f'); }

std::string_view stripped(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while (true) {
    const std::size_t space = text.find(' ', at);
    words.push_back(text.substr(at, space - at));
    if (space == std::string_view::npos) return words;
    at = space + 1;
  }
}

std::string_view word(const std::vector<std::string_view>& words, std::size_t index) {
  if (index >= words.size()) {
    fail(ErrorKind::kBadPrompt, "The property sentence has {} words, but word {} is needed.", words.size(),
         index);
  }
  return words[index];
}

// Python's int() and float() let single underscores stand between digits.
std::string without_underscores(std::string_view text) {
  std::string out;
  const auto digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_' && i > 0 && digit(i - 1) && digit(i + 1)) continue;
    out += text[i];
  }
  return out;
}

template <typename Number>
Number number(std::string_view written, const char* what) {
  std::string digits = without_underscores(stripped(written));
  std::string_view rest = digits;
  if (rest.starts_with('+') && !rest.substr(1).starts_with('-')) rest.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (rest.empty() || error != std::errc() || end != rest.data() + rest.size()) {
    fail(ErrorKind::kBadPrompt, "\"{}\" in the property sentence is no {}.", written, what);
  }
  return value;
}

}  // namespace

SaaProperty saa_property(std::string_view sentence) {
  const std::vector<std::string_view> words = words_of(sentence);
  SaaProperty property;
  property.object_prompt = word(words, 7);
  property.object_number = number<int>(word(words, 5), "whole number");
  property.similar = word(words, 6);
  property.k_mask = number<int>(word(words, 12), "whole number");
  property.defect_area_threshold = number<double>(word(words, 19), "number");
  if (property.object_number == 0)
    fail(ErrorKind::kBadPrompt, "The property sentence says that there is no object.");
  property.object_max_area = 1.0 / property.object_number;
  return property;
}

}  // namespace anomalyvlm::reference
