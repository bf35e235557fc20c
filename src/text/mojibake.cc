#include "text/mojibake.h"

#include <algorithm>
#include <vector>

#include "text/encodings.h"
#include "text/misread_rules.h"
#include "text/patterns.h"
#include "text/unicode.h"

namespace anomalyvlm {
namespace {

// Bytes are characters 0 .. 255 here, so that the same patterns serve for both.
using Bytes = std::u32string;

// UTF-8 in which the byte A0 became a blank. A few pairs only: those that stand for likely characters.
constexpr std::u32string_view kBlankForA0[][4] = {
    {U"\xC2\xC3\xC5\xCE\xD0\xD9", U" "},
    {U"\xE2\xE3", U" ", U"\x80-\x84\x86-\x9F\xA1-\xBF"},
    {U"\xE0-\xE3", U"\x80-\x84\x86-\x9F\xA1-\xBF", U" "},
    {U"\xF0", U" ", U"\x80-\xBF", U"\x80-\xBF"},
    {U"\xF0", U"\x80-\xBF", U" ", U"\x80-\xBF"},
    {U"\xF0", U"\x80-\xBF", U"\x80-\xBF", U" "},
};

// UTF-8 some of whose bytes were lost: kLostByte or "?" is in their place.
constexpr std::u32string_view kLossy[][6] = {
    {U"\xC2-\xDF", U"\x1A"},
    {U"\xC2-\xC3", U"?"},
    {U"\xED", U"\xA0-\xAF", U"\x1A?", U"\xED", U"\xB0-\xBF", U"\x1A?\x80-\xBF"},
    {U"\xED", U"\xA0-\xAF", U"\x1A?\x80-\xBF", U"\xED", U"\xB0-\xBF", U"\x1A?"},
    {U"\xE0-\xEF", U"\x1A?", U"\x1A\x80-\xBF"},
    {U"\xE0-\xEF", U"\x1A\x80-\xBF", U"\x1A?"},
    {U"\xF0-\xF4", U"\x1A?", U"\x1A\x80-\xBF", U"\x1A\x80-\xBF"},
    {U"\xF0-\xF4", U"\x1A\x80-\xBF", U"\x1A?", U"\x1A\x80-\xBF"},
    {U"\xF0-\xF4", U"\x1A\x80-\xBF", U"\x1A\x80-\xBF", U"\x1A?"},
    {U"\x1A"},
};

bool all_ascii(std::u32string_view text) {
  return std::all_of(text.begin(), text.end(), [](char32_t c) { return c < 0x80; });
}

// "Ã la" is "à la": there the blank was one besides. Not so in Portuguese contractions.
bool is_grave_word(std::u32string_view bytes) {
  if (!bytes.starts_with(U"\xC3 ")) return false;
  bytes.remove_prefix(2);
  const std::u32string_view words[] = {U" ", U"quele", U"quela", U"quilo", U"s "};
  return std::none_of(std::begin(words), std::end(words),
                      [&](std::u32string_view word) { return bytes.starts_with(word); });
}

Bytes with_a0(const Bytes& bytes) {
  bool any = false;
  for (std::size_t i = 0; i < bytes.size() && !any; ++i)
    any = length_of_match(kBlankForA0, std::u32string_view(bytes).substr(i)) > 0;
  if (!any) return bytes;
  Bytes words;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    words.push_back(bytes[i]);
    if (is_grave_word(std::u32string_view(bytes).substr(i))) words.push_back(0xA0);
  }
  for (std::size_t i = 0; i < words.size();) {
    const std::size_t length = length_of_match(kBlankForA0, std::u32string_view(words).substr(i));
    for (std::size_t k = i; k < i + length; ++k)
      if (words[k] == ' ') words[k] = 0xA0;
    i += std::max<std::size_t>(length, 1);
  }
  return words;
}

Bytes with_marked_losses(const Bytes& bytes) {
  Bytes out;
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t length = length_of_match(kLossy, std::u32string_view(bytes).substr(i));
    out += length > 0 ? U"\xEF\xBF\xBD" : Bytes(1, bytes[i]);
    i += std::max<std::size_t>(length, 1);
  }
  return out;
}

// Java writes U+0000 as C0 80, and some write what lies above U+FFFF as two surrogates of 3 bytes each
// (CESU-8).
constexpr std::u32string_view kSurrogates[][6] = {
    {U"\xED", U"\xA0-\xAF", U"\x80-\xBF", U"\xED", U"\xB0-\xBF", U"\x80-\xBF"}};

std::string plain_utf8(const Bytes& bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size();) {
    const std::u32string_view rest = std::u32string_view(bytes).substr(i);
    if (rest.starts_with(U"\xC0\x80")) {
      out.push_back('\0');
      i += 2;
    } else if (length_of_match(kSurrogates, rest) > 0) {
      const char32_t c = 0x10000 + ((rest[1] & 0x0F) << 16) + ((rest[2] & 0x3F) << 10) +
                         ((rest[4] & 0x0F) << 6) + (rest[5] & 0x3F);
      out += to_utf8(std::u32string_view(&c, 1));
      i += 6;
    } else {
      out.push_back(static_cast<char>(bytes[i++]));
    }
  }
  return out;
}

// The text that bytes are as UTF-8; false if they are none.
bool decode(const Bytes& bytes, std::u32string& text) {
  const std::string utf8 = plain_utf8(bytes);
  std::u32string decoded = from_utf8(utf8);
  if (to_utf8(decoded) != utf8) return false;
  text = std::move(decoded);
  return true;
}

std::u32string read_again_in_parts(const std::u32string& text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = length_of_misread(text, i);
    if (length == 0) {
      out.push_back(text[i++]);
      continue;
    }
    std::u32string part = text.substr(i, length);
    const bool again = length < text.size() && looks_misread(part);
    out += again ? reread(std::move(part)) : part;
    i += length;
  }
  return out;
}

// Latin-1 that was Windows-1252; false where it has a byte that there is none of.
bool as_windows_1252(std::u32string& text) {
  std::u32string read;
  for (const char32_t c : text) {
    read.push_back(windows_1252(static_cast<std::uint8_t>(c)));
    if (c >= 0x80 && c <= 0x9F && read.back() == c) return false;
  }
  text = std::move(read);
  return true;
}

// One step; the text itself where there is nothing to do.
std::u32string read_again(const std::u32string& text) {
  if (all_ascii(text) || !looks_misread(text)) return text;
  bool latin1 = false;
  for (const SingleByteEncoding& encoding : single_byte_encodings()) {
    std::optional<Bytes> bytes = encoding.encoded(text);
    if (!bytes) continue;
    latin1 |= &encoding == single_byte_encodings().data();
    *bytes = with_a0(*bytes);
    if (encoding.marks_loss()) *bytes = with_marked_losses(*bytes);
    if (std::u32string decoded; decode(*bytes, decoded)) return decoded;
  }
  if (std::u32string parts = read_again_in_parts(text); parts != text) return parts;
  if (std::u32string windows = text; latin1 && as_windows_1252(windows) && windows != text) return windows;
  std::u32string out = text;
  for (char32_t& c : out)
    if (c >= 0x80 && c <= 0x9F) c = windows_1252(static_cast<std::uint8_t>(c));
  return out;
}

}  // namespace

std::u32string reread(std::u32string text) {
  for (;;) {
    std::u32string next = read_again(text);
    if (next == text) return text;
    text = std::move(next);
  }
}

}  // namespace anomalyvlm
