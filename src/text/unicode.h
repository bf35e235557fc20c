#pragma once
// Text as Unicode sees it: code points, their properties, their decomposition. ICU knows; nothing else in the
// project asks it directly. Any bytes are text; only more than 256 MB throw, Error(kBadInput).
#include <cstddef>
#include <string>
#include <string_view>

namespace anomalyvlm {

// Each ill-formed piece of UTF-8 becomes one or more U+FFFD.
std::u32string from_utf8(std::string_view text);
// What is no Unicode scalar value (surrogates, above U+10FFFF) becomes U+FFFD.
std::string to_utf8(std::u32string_view text);

bool is_white_space(char32_t c);        // the property White_Space
bool is_punctuation(char32_t c);        // categories P*
bool is_letter(char32_t c);             // categories L*
bool is_number(char32_t c);             // categories N*: digits, and what counts in another way
bool is_nonspacing_mark(char32_t c);    // Mn: accents on their own
bool is_control_or_format(char32_t c);  // Cc, Cf, and private use Co; not the unassigned Cn
int first_version(char32_t c);          // major version of Unicode that assigned it; 0: none has
char32_t lower_case(char32_t c);        // of a single code point
// A letter and the accents that it is made of (canonical decomposition, in full); the code point itself where
// it is made of nothing else.
std::u32string decomposed(char32_t c);

// What a character stands for where only its look differs ("Ａ" is "A"): NFKC. Itself where it is like
// nothing else.
std::u32string compatible(char32_t c);

int digit_value(char32_t c);  // 0..9 of a decimal digit of any script, else -1

// Letters and their accents as one code point where there is one (NFC). Ill-formed pieces as above.
std::string composed_text(std::string_view text);
// For comparing names: equal if only case, width or composition differs ("STRASSE", "Straße"). Not for
// display.
std::string folded_text(std::string_view text);

// For drawing one letter after the other from left to right: Arabic and Hebrew as the eye meets them, by
// Unicode's bidirectional algorithm for a line that runs from left to right, and Arabic letters in their
// joined forms (presentation forms). Other texts stay as they are.
std::u32string visual_text(std::u32string_view text);

// How a text is encoded, by the byte order mark that it begins with: UTF-8 without one.
struct TextEncoding {
  std::size_t mark = 0, unit = 1;  // bytes of the mark and of a code unit
  bool big_endian = false;
};
TextEncoding encoding_of(std::string_view bytes);

// The text of a file, or of what was typed, in UTF-8: without its byte order mark, and from UTF-16 or UTF-32
// where such a mark says so. Other bytes stay as they are.
std::string decoded_text(std::string_view bytes);

// As Python's str.lower(), upper() and strip(): a capital sigma at the end of a word becomes a final one, a
// sharp s two capitals, and not only blanks are stripped but U+00A0, U+3000, U+001C to U+001F and the like.
// Ill-formed pieces as above.
std::string lower_text(std::string_view text);
std::string upper_text(std::string_view text);
std::string stripped_text(std::string_view text);

}  // namespace anomalyvlm
