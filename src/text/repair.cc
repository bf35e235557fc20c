#include "text/repair.h"

#include "text/encodings.h"
#include "text/html.h"
#include "text/mojibake.h"
#include "text/patterns.h"
#include "text/unicode.h"

namespace anomalyvlm {
namespace {

struct Ligature {
  char32_t character;
  std::u32string_view letters;
};

// Also digraphs that exist for the sake of old encodings alone.
constexpr Ligature kLigatures[] = {
    {U'Ĳ', U"IJ"},  {U'ĳ', U"ij"},  {U'ŉ', U"ʼn"}, {U'Ǳ', U"DZ"}, {U'ǲ', U"Dz"}, {U'ǳ', U"dz"},
    {U'Ǆ', U"DŽ"},  {U'ǅ', U"Dž"},  {U'ǆ', U"dž"}, {U'Ǉ', U"LJ"}, {U'ǈ', U"Lj"}, {U'ǉ', U"lj"},
    {U'Ǌ', U"NJ"},  {U'ǋ', U"Nj"},  {U'ǌ', U"nj"}, {U'ﬀ', U"ff"}, {U'ﬁ', U"fi"}, {U'ﬂ', U"fl"},
    {U'ﬃ', U"ffi"}, {U'ﬄ', U"ffl"}, {U'ﬅ', U"ſt"}, {U'ﬆ', U"st"},
};

std::u32string_view letters_of_ligature(char32_t c) {
  for (const Ligature& ligature : kLigatures)
    if (ligature.character == c) return ligature.letters;
  return {};
}

bool has_other_width(char32_t c) { return c == 0x3000 || (c >= 0xFF01 && c < 0xFFF0); }

char32_t straight_quote(char32_t c) {
  if (c == 0x02BC || (c >= 0x2018 && c <= 0x201B)) return '\'';
  return c >= 0x201C && c <= 0x201F ? U'"' : c;
}

bool is_line_break(char32_t c) { return c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029; }

bool is_dropped_control(char32_t c) {
  return is_in(U"\x01-\x08\x0B\x0E-\x1F\x7F\u206A-\u206F\uFEFF\uFFF9-\uFFFC", c) || c == 0;
}

// "\x1B[31m" and the like: its length; 0: there is none.
std::size_t terminal_sequence(std::u32string_view text) {
  if (!text.starts_with(U"\x1B[")) return 0;
  std::size_t end = 2;
  while (end < text.size() && (text[end] == ';' || digit_value(text[end]) >= 0)) ++end;
  return end < text.size() && is_in(U"a-zA-Z", text[end]) ? end + 1 : 0;
}

std::u32string with_plain_characters(std::u32string_view text) {
  std::u32string out;
  for (char32_t c : text) {
    if (c >= 0x80 && c <= 0x9F) c = windows_1252(static_cast<std::uint8_t>(c));
    if (const std::u32string_view letters = letters_of_ligature(c); !letters.empty()) {
      for (const char32_t letter : letters) out.push_back(straight_quote(letter));
    } else if (has_other_width(c)) {
      out += compatible(c);
    } else {
      out.push_back(straight_quote(c));
    }
  }
  return out;
}

std::u32string with_plain_line_breaks(std::u32string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out.push_back(is_line_break(text[i]) ? U'\n' : text[i]);
  }
  return out;
}

std::u32string without_controls(std::u32string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t length = terminal_sequence(text.substr(i)); length > 0) {
      i += length;
      continue;
    }
    if (!is_dropped_control(text[i])) out.push_back(text[i]);
    ++i;
  }
  return out;
}

std::u32string repaired_line(std::u32string text, bool html) {
  for (;;) {
    const std::u32string before = text;
    if (html) text = unescaped_plain_html(text);
    text = with_plain_characters(reread(std::move(text)));
    text = without_controls(with_plain_line_breaks(text));
    text = from_utf8(composed_text(to_utf8(text)));
    if (text == before) return text;
  }
}

}  // namespace

std::string repaired_text(std::string_view text) {
  const std::u32string all = from_utf8(text);
  std::u32string out;
  bool html = true;
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find(U'\n', begin), all.size() - 1) + 1;
    const std::u32string line = all.substr(begin, end - begin);
    html &= line.find(U'<') == std::u32string::npos;
    out += repaired_line(line, html);
    begin = end;
  }
  return to_utf8(out);
}

}  // namespace anomalyvlm
