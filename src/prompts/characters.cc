#include "prompts/characters.h"

#include <algorithm>
#include <array>

#include "core/check.h"
#include "prompts/prompt_errors.h"
#include "text/unicode.h"

namespace anomalyvlm::prompts {
namespace {

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c <= 0x9F); }
bool is_line_end(char32_t c) { return c == 0x85 || c == 0x2028 || c == 0x2029; }
// Dots and squares in front of the lines of a list.
bool is_bullet(char32_t c) {
  constexpr std::u32string_view kBullets =
      U"\u2022\u2023\u2043\u2219\u25A0\u25A1\u25AA\u25AB\u25CB\u25CF\u25E6";
  return kBullets.find(c) != std::u32string_view::npos;
}
bool is_ascii_blank(char32_t c) { return c >= 0x09 && c <= 0x0D; }

// Byte order marks, zero-width spaces, soft hyphens and marks of writing direction: nobody sees them.
bool is_invisible(char32_t c) {
  return c == 0xFEFF || c == 0x200B || c == 0x2060 || c == 0xAD || c == 0x200E || c == 0x200F ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

// With a blank behind them, so that a digit that follows is not taken for a part of a number.
constexpr std::array<std::pair<char32_t, std::string_view>, 13> kSeparators = {{
    {0x3002, ". "},  // ideographic full stop, and its half-width form
    {0xFF61, ". "},
    {0x06D4, ". "},  // Arabic full stop
    {0x0964, ". "},  // danda
    {0x3001, ", "},  // ideographic comma, and its half-width form
    {0xFF64, ", "},
    {0x30FB, ", "},  // katakana middle dot, and its half-width form
    {0xFF65, ", "},
    {0x060C, ", "},  // Arabic comma
    {0x061B, "; "},  // Arabic semicolon
    {0x2026, ". "},  // ellipsis
    {0xFE50, ", "},  // small comma
    {0xFE54, "; "},  // small semicolon
}};

void append_plain(std::string& out, char32_t c) {
  if (is_line_end(c) || is_bullet(c)) {
    out += '\n';
  } else if (is_control(c) && !is_ascii_blank(c)) {
    fail(ErrorKind::kBadPrompt, "There is a control character (U+{:04X}) in the prompt; remove it.",
         static_cast<unsigned>(c));
  } else if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (is_invisible(c)) {
    return;
  } else if (is_white_space(c)) {
    out += ' ';
  } else if (c >= 0xFF01 && c <= 0xFF5E) {  // full-width ASCII
    out += static_cast<char>(c - 0xFEE0);
  } else if (const int digit = digit_value(c); digit >= 0) {
    out += static_cast<char>('0' + digit);
  } else {
    const auto* row = std::find_if(kSeparators.begin(), kSeparators.end(),
                                   [&](const auto& separator) { return separator.first == c; });
    out += row != kSeparators.end() ? std::string(row->second) : to_utf8(std::u32string_view(&c, 1));
  }
}

void require_utf8(std::string_view text) {
  if (!is_utf8(text))
    fail(ErrorKind::kBadPrompt,
         "The prompt is not text in UTF-8; save it as UTF-8 (or UTF-16 with its mark).");
}

std::size_t bytes_of(char32_t c, std::size_t unit) {
  if (unit == 1) return to_utf8(std::u32string_view(&c, 1)).size();
  return unit == 2 && c > 0xFFFF ? 4 : unit;
}

// Typographic characters and what they mean here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kSpellings = {{
    {"\xC2\xB2", "2"},      // superscript two
    {"\xC2\xB0", "deg"},    // degree sign: a symbol
    {"\xC3\x97", "x"},      // multiplication sign
    {"\xE2\x80\x98", "'"},  // apostrophes
    {"\xE2\x80\x99", "'"},
    {"\xCA\xBC", "'"},
    {"\xE2\x80\xB3", "inch"},  // double prime: a symbol
    {"\xE2\x80\x90", "-"},     // hyphens, dashes, minus
    {"\xE2\x80\x91", "-"},
    {"\xE2\x80\x92", "-"},
    {"\xE2\x80\x93", "-"},
    {"\xE2\x80\x94", "-"},
    {"\xE2\x80\x95", "-"},
    {"\xE2\x88\x92", "-"},
    {"\xE2\x89\xA4", "<="},
    {"\xE2\x89\xA5", ">="},
}};

// The micro sign and the Greek letter are read as "u" in "µm" and "µm²" only: else it is a letter.
bool begins_micrometre(std::string_view text) {
  if (!text.starts_with("\xC2\xB5m") && !text.starts_with("\xCE\xBCm")) return false;
  std::string_view rest = text.substr(3);
  for (const std::string_view square : {"2", "\xC2\xB2"})
    if (rest.starts_with(square)) rest.remove_prefix(square.size());
  if (rest.empty()) return true;
  const auto next = static_cast<unsigned char>(rest[0]);
  return next < 0x80 && !(next >= 'a' && next <= 'z') && !(next >= 'A' && next <= 'Z');
}

struct QuotationMarks {
  std::string_view opening;
  std::array<std::string_view, 3> closing;  // the empty ones are none
};

constexpr std::array<QuotationMarks, 14> kQuotationMarks = {{
    {"\"", {"\"", "\xE2\x80\x9D", "\xE2\x80\x9C"}},
    {"\xE2\x80\x9C", {"\xE2\x80\x9D", "\xE2\x80\x9C", "\""}},  // “ ”
    {"\xE2\x80\x9D", {"\xE2\x80\x9D", "\"", ""}},              // ” ”
    {"\xE2\x80\x9E", {"\xE2\x80\x9C", "\xE2\x80\x9D", "\""}},  // „ “
    {"\xE2\x80\x9F", {"\xE2\x80\x9D", "\"", ""}},              // ‟ ”
    {"\xC2\xAB", {"\xC2\xBB", "", ""}},                        // « »
    {"\xC2\xBB", {"\xC2\xAB", "\xC2\xBB", ""}},                // » «
    {"\xE2\x80\xB9", {"\xE2\x80\xBA", "", ""}},                // ‹ ›
    {"\xE2\x80\xBA", {"\xE2\x80\xB9", "\xE2\x80\xBA", ""}},    // › ‹
    {"\xE3\x80\x8C", {"\xE3\x80\x8D", "", ""}},                // 「 」
    {"\xE3\x80\x8E", {"\xE3\x80\x8F", "", ""}},                // 『 』
    {"\xE2\x80\x9A", {"\xE2\x80\x98", "\xE2\x80\x99", "'"}},   // ‚ ‘
    {"\xE2\x80\x98", {"\xE2\x80\x99", "'", ""}},               // ‘ ’
    {"'", {"'", "\xE2\x80\x99", ""}},
}};

}  // namespace

bool is_utf8(std::string_view text) {
  int continuations = 0;
  unsigned char least = 0x80, most = 0xBF;  // of the next continuation byte
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (continuations > 0) {
      if (byte < least || byte > most) return false;
      least = 0x80;
      most = 0xBF;
      --continuations;
    } else if (byte >= 0x80) {
      if (byte < 0xC2 || byte > 0xF4) return false;
      continuations = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1;
      // Neither longer than needed, nor a surrogate, nor beyond Unicode's end.
      least = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
      most = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    }
  }
  return continuations == 0;
}

bool has_control_character(std::string_view text) {
  const std::u32string points = from_utf8(text);
  return std::any_of(points.begin(), points.end(),
                     [](char32_t c) { return is_control(c) || is_line_end(c); });
}

std::string plain_text(std::string_view text) {
  require_utf8(text);
  std::string out;
  out.reserve(text.size());
  for (const char32_t c : from_utf8(text)) append_plain(out, c);
  return out;
}

PlacedText placed_text(std::string_view bytes) {
  const TextEncoding encoding = encoding_of(bytes);
  const std::string decoded = decoded_text(bytes);
  require_utf8(decoded);
  PlacedText out;
  std::size_t begin = encoding.mark, end = begin;
  try {
    for (const char32_t c : from_utf8(decoded)) {
      end = std::min(bytes.size(), begin + bytes_of(c, encoding.unit));  // the last one may be cut off
      append_plain(out.text, c);
      out.begins.resize(out.text.size(), static_cast<int>(begin));
      out.ends.resize(out.text.size(), static_cast<int>(end));
      begin = end;
    }
  } catch (const Error& error) {
    throw PlacedError(error.what(), error.what(), static_cast<int>(begin), static_cast<int>(end));
  }
  return out;
}

std::pair<std::string_view, int> spelling(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (begins_micrometre(rest)) return {"u", 2};
  for (const auto& [written, meant] : kSpellings) {
    if (rest.starts_with(written)) return {meant, static_cast<int>(written.size())};
  }
  return {rest.substr(0, 1), 1};
}

std::span<const std::string_view> closing_marks(std::string_view text, int& bytes) {
  for (const QuotationMarks& row : kQuotationMarks) {
    if (!text.starts_with(row.opening)) continue;
    bytes = static_cast<int>(row.opening.size());
    const auto none = std::find(row.closing.begin(), row.closing.end(), std::string_view());
    return {row.closing.begin(), none};
  }
  return {};
}

}  // namespace anomalyvlm::prompts
