#include "eval/data/encoding.h"

#include <array>

#include "prompts/characters.h"
#include "text/unicode.h"

namespace anomalyvlm::eval {
namespace {

using std::string_view_literals::operator""sv;

// The mark that UTF-16 without one lacks; empty for other texts.
std::string_view missing_mark(std::string_view bytes) {
  if (bytes.size() < 4) return "";
  const auto zero = [&](std::size_t i) { return bytes[i] == '\0'; };
  if (!zero(0) && zero(1) && !zero(2) && zero(3)) return "\xFF\xFE"sv;
  if (zero(0) && !zero(1) && zero(2) && !zero(3)) return "\xFE\xFF"sv;
  return "";
}

std::string from_windows_1252(std::string_view bytes) {
  constexpr std::array<char32_t, 32> kUpper = {// 0x80 .. 0x9F; the rest is that of Latin-1
                                               0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021,
                                               0x2C6,  0x2030, 0x160,  0x2039, 0x152,  0x8D,   0x17D,  0x8F,
                                               0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                               0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178};
  std::u32string points;
  for (const char byte : bytes) {
    const auto c = static_cast<unsigned char>(byte);
    points.push_back(c >= 0x80 && c < 0xA0 ? kUpper[c - 0x80] : c);
  }
  return to_utf8(points);
}

}  // namespace

DecodedText decode_text(std::string_view bytes) {
  std::string text = decoded_text(std::string(missing_mark(bytes)).append(bytes));
  if (prompts::is_utf8(text)) return {std::move(text), false};
  return {from_windows_1252(bytes), true};
}

}  // namespace anomalyvlm::eval
