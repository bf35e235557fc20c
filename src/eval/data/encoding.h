#pragma once
// Text files of other programs as UTF-8.
#include <string>
#include <string_view>

namespace anomalyvlm::eval {

struct DecodedText {
  std::string text;      // UTF-8 without a byte order mark
  bool guessed = false;  // taken for Windows-1252
};

// UTF-8; UTF-16 and UTF-32 with a byte order mark, UTF-16 also known by its zero bytes; what is none of these
// is taken for Windows-1252, in which Western spreadsheets save and which gives every byte a character. Texts
// in any other encoding so come out with wrong letters: say so where it matters.
DecodedText decode_text(std::string_view bytes);

}  // namespace anomalyvlm::eval
