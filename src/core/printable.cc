#include "core/printable.h"

#include <algorithm>
#include <cstdint>

namespace anomalyvlm {
namespace {

constexpr char32_t kIllFormed = 0xFFFFFFFF;

struct Character {
  char32_t code;
  std::size_t bytes;
};

// The first character of a text that is not empty; one byte where it is not well-formed UTF-8.
Character first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {kIllFormed, 1};
  auto code = static_cast<char32_t>(lead & (0x7F >> size));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {kIllFormed, 1};
    code = code << 6 | (byte(i) & 0x3F);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};  // by size: a longer form is not allowed
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kLeast[size] || code > 0x10FFFF || surrogate) return {kIllFormed, 1};
  return {code, size};
}

struct Range {
  char32_t first, last;
};
constexpr Range kUnsafe[] = {
    {0x00, 0x1F},        // control characters
    {0x7F, 0x9F},        // more of them: a terminal may take U+009B for ESC [
    {0x61C, 0x61C},      // Arabic letter mark
    {0x200B, 0x200B},    // a blank without width
    {0x200E, 0x200F},    // marks of direction
    {0x2028, 0x202E},    // ends of lines and paragraphs, embedded and overridden direction
    {0x2060, 0x206F},    // invisible operators, isolated direction
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFF9, 0xFFFB},    // interlinear annotations
    {0xE0000, 0xE007F},  // tags
    {kIllFormed, kIllFormed},
};

bool is_safe(char32_t c) {
  return (c & 0xFFFE) != 0xFFFE && std::none_of(std::begin(kUnsafe), std::end(kUnsafe),
                                                [c](const Range& r) { return c >= r.first && c <= r.last; });
}

std::string replaced(std::string_view text, bool keep_lines) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character c = first_of(text);
    if (is_safe(c.code) || (keep_lines && c.code == '\n'))
      out += text.substr(0, c.bytes);
    else
      out += '?';
    text.remove_prefix(c.bytes);
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) { return replaced(text, false); }

std::string printable_lines(std::string_view text) { return replaced(text, true); }

namespace {

bool looks_like_a_formula(std::string_view text) {
  constexpr std::string_view kFirst = "=+-@\t\r\n", kWide[] = {"＝", "＋", "－", "＠"};
  if (text.empty()) return false;
  return kFirst.find(text.front()) != text.npos ||
         std::any_of(std::begin(kWide), std::end(kWide), [&](auto wide) { return text.starts_with(wide); });
}

}  // namespace

std::string csv_field(std::string_view text) {
  const std::string safe = (looks_like_a_formula(text) ? "'" : "") + std::string(text);
  if (safe.find_first_of(",;\t\"\r\n") == std::string::npos) return safe;
  std::string out = "\"";
  for (const char c : safe) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace anomalyvlm
