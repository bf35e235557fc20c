#include "text/html.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "text/encodings.h"
#include "text/html_names.h"
#include "text/unicode.h"

namespace anomalyvlm {
namespace {

constexpr std::size_t kLongestName = 32;       // characters of a name that are looked at
constexpr std::size_t kLongestPlainName = 24;  // the same where only certain references are replaced

// What names stand for: with their ";", and without it where it may be left out.
using Names = std::unordered_map<std::string, std::u32string>;

Names read_names() {
  Names names;
  std::string_view rest = html_names();
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find(' '));
    rest.remove_prefix(entry.size() + 1);
    const std::size_t end = entry.find_first_of(";?");
    std::u32string meaning(1, U'\0');
    for (const char c : entry.substr(end + 1)) {
      if (c == ',') {
        meaning.push_back(U'\0');
      } else {
        meaning.back() = meaning.back() * 16 + static_cast<char32_t>(c <= '9' ? c - '0' : c - 'A' + 10);
      }
    }
    const std::string name(entry.substr(0, end));
    if (entry[end] == '?') names.emplace(name, meaning);
    names.emplace(name + ';', std::move(meaning));
  }
  return names;
}

const Names& names_of_html() {
  static const Names names = read_names();
  return names;
}

bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_ascii_letter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex_digit(char32_t c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Names are ASCII: any other character becomes one that is in none of them.
std::string as_name(std::u32string_view text) {
  std::string out;
  for (const char32_t c : text) out.push_back(c < 0x80 ? static_cast<char>(c) : '\x7F');
  return out;
}

// The character of a number; nothing where the number is of none that may be in a text.
std::u32string numbered(char32_t number) {
  if (number == 0 || number > 0x10FFFF || (number >= 0xD800 && number <= 0xDFFF)) return U"\uFFFD";
  if (number >= 0x80 && number <= 0x9F) return {windows_1252(static_cast<std::uint8_t>(number))};
  const bool control =
      (number < 0x20 && number != '\t' && number != '\n' && number != '\f' && number != '\r');
  const bool no_character = (number >= 0xFDD0 && number <= 0xFDEF) || (number & 0xFFFE) == 0xFFFE;
  if (control || number == 0x7F || no_character) return {};
  return {number};
}

// A reference at the beginning of a text, and what it becomes.
struct Found {
  std::size_t length;
  std::u32string meaning;
};

// "&#39;", "&#x27;", also without the ";".
std::optional<Found> number_at(std::u32string_view text) {
  std::size_t end = 2;
  const bool hex = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
  if (hex) ++end;
  const std::size_t first = end;
  char32_t number = 0;
  for (; end < text.size() && (hex ? is_hex_digit(text[end]) : is_digit(text[end])); ++end) {
    const char32_t c = text[end];
    const char32_t digit = is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
    number = std::min<char32_t>(number * (hex ? 16 : 10) + digit, 0x110000);
  }
  if (end == first) return {};
  if (end < text.size() && text[end] == ';') ++end;
  return Found{end, numbered(number)};
}

// A name, or what begins with one that needs no ";".
std::optional<Found> name_at(std::u32string_view text) {
  std::size_t end = 1;
  while (end < text.size() && end <= kLongestName &&
         std::u32string_view(U"\t\n\f <&#;").find(text[end]) == std::u32string_view::npos)
    ++end;
  if (end == 1) return {};
  if (end < text.size() && text[end] == ';') ++end;
  const std::string name = as_name(text.substr(1, end - 1));
  for (std::size_t length = name.size(); length > 1; --length) {
    const auto found = names_of_html().find(name.substr(0, length));
    if (found != names_of_html().end())
      return Found{end, found->second + std::u32string(text.substr(1 + length, name.size() - length))};
  }
  return Found{end, std::u32string(text.substr(0, end))};
}

std::optional<Found> reference_at(std::u32string_view text) {
  return text.size() > 1 && text[1] == '#' ? number_at(text) : name_at(text);
}

// "NTILDE;" for "ntilde;": unless it means something by itself.
std::optional<std::u32string> in_capitals(const std::string& name) {
  if (std::any_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; })) return {};
  std::string small = name;
  std::transform(small.begin(), small.end(), small.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto found = names_of_html().find(small);
  if (found == names_of_html().end()) return {};
  for (std::size_t length = 2; length <= name.size(); ++length)
    if (names_of_html().contains(name.substr(0, length))) return {};
  return from_utf8(upper_text(to_utf8(found->second)));
}

std::optional<Found> plain_reference_at(std::u32string_view text) {
  const bool number = text.size() > 1 && text[1] == '#';
  const std::size_t first = number ? 2 : 1;
  std::size_t end = first;
  while (end < text.size() && (is_digit(text[end]) || is_ascii_letter(text[end]))) ++end;
  if (end == first || end - first > kLongestPlainName || end == text.size() || text[end] != ';') return {};
  ++end;
  if (number) {
    std::optional<Found> found = number_at(text);
    const bool whole = found && found->length == end && found->meaning != U";";
    return whole ? found : std::nullopt;
  }
  const std::string name = as_name(text.substr(1, end - 1));
  if (const auto found = names_of_html().find(name); found != names_of_html().end())
    return Found{end, found->second};
  if (const auto capitals = in_capitals(name)) return Found{end, *capitals};
  return {};
}

template <typename Find>
std::u32string replaced(std::u32string_view text, const Find& find) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    std::optional<Found> found;
    if (text[i] == '&') found = find(text.substr(i));
    if (found) {
      out += found->meaning;
      i += found->length;
    } else {
      out.push_back(text[i++]);
    }
  }
  return out;
}

}  // namespace

std::u32string unescaped_html(std::u32string_view text) { return replaced(text, reference_at); }

std::u32string unescaped_plain_html(std::u32string_view text) { return replaced(text, plain_reference_at); }

}  // namespace anomalyvlm
