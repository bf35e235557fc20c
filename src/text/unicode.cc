#include "text/unicode.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/ubidi.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/ushape.h>
#include <unicode/utf8.h>

#include <memory>
#include <vector>

#include "core/check.h"

namespace anomalyvlm {
namespace {

constexpr std::size_t kLongest = std::size_t{1} << 28;  // code units, so that ICU's 32-bit lengths suffice

void require_length(std::size_t units) {
  if (units > kLongest) fail(ErrorKind::kBadInput, "A text of {} bytes is too long.", units);
}

UChar32 code_point(char32_t c) { return static_cast<UChar32>(c); }

bool has_category(char32_t c, std::uint32_t mask) { return (U_GET_GC_MASK(code_point(c)) & mask) != 0; }

icu::UnicodeString from_points(std::u32string_view text) {
  require_length(text.size());
  return icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(text.data()),
                                       static_cast<std::int32_t>(text.size()));
}

std::u32string to_points(const icu::UnicodeString& text) {
  std::u32string out;
  out.reserve(static_cast<std::size_t>(text.length()));
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1))
    out.push_back(static_cast<char32_t>(text.char32At(i)));
  return out;
}

std::string normalized(const char* form, UNormalization2Mode mode, std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const rules = icu::Normalizer2::getInstance(nullptr, form, mode, error);
  if (rules == nullptr) fail(ErrorKind::kIo, "ICU's tables of Unicode cannot be read.");
  std::string out;
  rules->normalize(from_points(from_utf8(text)), error).toUTF8String(out);
  return out;
}

// Code units of `Bytes` bytes each; a unit that is cut off at the end is no character.
template <std::size_t Bytes>
std::u32string units(std::string_view bytes, bool big_endian) {
  std::u32string out;
  for (std::size_t i = 0; i < bytes.size(); i += Bytes) {
    char32_t unit = i + Bytes <= bytes.size() ? 0 : 0xFFFD;
    for (std::size_t b = 0; b < Bytes && unit != 0xFFFD; ++b) {
      const auto byte = static_cast<unsigned char>(bytes[i + (big_endian ? b : Bytes - 1 - b)]);
      unit = (unit << 8) | byte;
    }
    out += unit;
  }
  return out;
}

std::string from_utf16(std::string_view bytes, bool big_endian) {
  std::u32string out;
  for (const char32_t unit : units<2>(bytes, big_endian)) {
    const bool low = unit >= 0xDC00 && unit <= 0xDFFF;
    const bool pair = low && !out.empty() && out.back() >= 0xD800 && out.back() <= 0xDBFF;
    if (pair) {
      out.back() = 0x10000 + ((out.back() - 0xD800) << 10) + (unit - 0xDC00);
    } else {
      out += unit;
    }
  }
  return to_utf8(out);
}

// Python also takes the separators of files, groups, records and units for white space.
bool is_stripped(char32_t c) { return is_white_space(c) || (c >= 0x1C && c <= 0x1F); }

}  // namespace

std::u32string from_utf8(std::string_view text) {
  require_length(text.size());
  std::u32string out;
  out.reserve(text.size());
  const auto length = static_cast<std::int32_t>(text.size());
  for (std::int32_t i = 0; i < length;) {
    UChar32 c;
    U8_NEXT_OR_FFFD(text.data(), i, length, c);
    out.push_back(static_cast<char32_t>(c));
  }
  return out;
}

std::string to_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char32_t c : text) {
    std::uint8_t bytes[U8_MAX_LENGTH];
    std::int32_t length = 0;
    const bool scalar = c < 0xD800 || (c > 0xDFFF && c <= 0x10FFFF);
    U8_APPEND_UNSAFE(bytes, length, scalar ? code_point(c) : 0xFFFD);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  }
  return out;
}

bool is_white_space(char32_t c) { return u_isUWhiteSpace(code_point(c)); }
bool is_punctuation(char32_t c) { return has_category(c, U_GC_P_MASK); }
bool is_letter(char32_t c) { return has_category(c, U_GC_L_MASK); }
bool is_number(char32_t c) { return has_category(c, U_GC_N_MASK); }
bool is_nonspacing_mark(char32_t c) { return has_category(c, U_GC_MN_MASK); }
bool is_control_or_format(char32_t c) { return has_category(c, U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK); }
int first_version(char32_t c) {
  UVersionInfo version;
  u_charAge(code_point(c), version);
  return version[0];
}
char32_t lower_case(char32_t c) { return static_cast<char32_t>(u_tolower(code_point(c))); }

std::u32string decomposed(char32_t c) {
  UErrorCode error = U_ZERO_ERROR;
  static const icu::Normalizer2* const nfd = icu::Normalizer2::getNFDInstance(error);
  if (nfd == nullptr) fail(ErrorKind::kIo, "ICU's tables of Unicode cannot be read.");
  icu::UnicodeString parts;
  return nfd->getDecomposition(code_point(c), parts) ? to_points(parts) : std::u32string(1, c);
}

std::u32string compatible(char32_t c) {
  return from_utf8(normalized("nfkc", UNORM2_COMPOSE, to_utf8(std::u32string(1, c))));
}

int digit_value(char32_t c) { return u_charDigitValue(code_point(c)); }

std::string composed_text(std::string_view text) { return normalized("nfc", UNORM2_COMPOSE, text); }
std::string folded_text(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) {
    // Names are compared often, and most are ASCII.
    if (static_cast<unsigned char>(c) >= 0x80) return normalized("nfkc_cf", UNORM2_COMPOSE, text);
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

std::u32string visual_text(std::u32string_view text) {
  const icu::UnicodeString logical = from_points(text);
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<UBiDi, decltype(&ubidi_close)> bidi(ubidi_open(), ubidi_close);
  if (!bidi) throw std::bad_alloc();
  std::vector<UChar> shaped(static_cast<std::size_t>(logical.length()) + 1), out(shaped.size());
  const std::int32_t room = logical.length() + 1;  // joined letters are fewer, none are added
  const std::int32_t length = u_shapeArabic(
      logical.getBuffer(), logical.length(), shaped.data(), room,
      U_SHAPE_LETTERS_SHAPE | U_SHAPE_TEXT_DIRECTION_LOGICAL | U_SHAPE_LENGTH_GROW_SHRINK, &error);
  ubidi_setPara(bidi.get(), shaped.data(), length, UBIDI_LTR, nullptr, &error);
  if (U_FAILURE(error) || ubidi_getDirection(bidi.get()) == UBIDI_LTR) return std::u32string(text);
  const std::int32_t written = ubidi_writeReordered(bidi.get(), out.data(), room,
                                                    UBIDI_DO_MIRRORING | UBIDI_REMOVE_BIDI_CONTROLS, &error);
  return U_FAILURE(error) ? std::u32string(text) : to_points(icu::UnicodeString(out.data(), written));
}

TextEncoding encoding_of(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\xEF\xBB\xBF"sv)) return {3, 1, false};
  if (bytes.starts_with("\xFF\xFE\0\0"sv)) return {4, 4, false};
  if (bytes.starts_with("\0\0\xFE\xFF"sv)) return {4, 4, true};
  if (bytes.starts_with("\xFF\xFE"sv)) return {2, 2, false};
  if (bytes.starts_with("\xFE\xFF"sv)) return {2, 2, true};
  return {};
}

std::string decoded_text(std::string_view bytes) {
  const TextEncoding encoding = encoding_of(bytes);
  const std::string_view text = bytes.substr(encoding.mark);
  if (encoding.unit == 4) return to_utf8(units<4>(text, encoding.big_endian));
  if (encoding.unit == 2) return from_utf16(text, encoding.big_endian);
  return std::string(text);
}

std::string lower_text(std::string_view text) {
  icu::UnicodeString out = from_points(from_utf8(text));
  std::string lower;
  return out.toLower(icu::Locale::getRoot()).toUTF8String(lower);
}

std::string upper_text(std::string_view text) {
  icu::UnicodeString out = from_points(from_utf8(text));
  std::string upper;
  return out.toUpper(icu::Locale::getRoot()).toUTF8String(upper);
}

std::string stripped_text(std::string_view text) {
  const std::u32string all = from_utf8(text);
  std::u32string_view rest = all;
  while (!rest.empty() && is_stripped(rest.front())) rest.remove_prefix(1);
  while (!rest.empty() && is_stripped(rest.back())) rest.remove_suffix(1);
  return to_utf8(rest);
}

}  // namespace anomalyvlm
