#pragma once
// Characters as they are written and as they are read: spaces, full-width forms and the punctuation of other
// scripts become plain ones before anything is parsed; quotation marks, units and dashes while it is.
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace anomalyvlm::prompts {

bool is_utf8(std::string_view text);
bool has_control_character(std::string_view text);  // tabs and line breaks too

// UTF-8 without byte order marks and invisible characters, with blanks, line breaks, digits and separators as
// ASCII knows them ("、" is ", "). Nothing else changes. Throws Error(kBadPrompt) for what is no UTF-8 and
// for control characters.
std::string plain_text(std::string_view text);

// The plain text of bytes in any encoding that decoded_text() knows.
struct PlacedText {
  std::string text;
  std::vector<int> begins, ends;  // for each byte of it: the given bytes [begin, end) that it comes from
};
// Throws as plain_text() does; for control characters PlacedError.
PlacedText placed_text(std::string_view bytes);

// The character at `at` of a plain text: how it is to be read ("u" for the micro sign), and its bytes.
std::pair<std::string_view, int> spelling(std::string_view text, std::size_t at);

// What closes the quotation mark that `text` begins with; empty: it begins with none. `bytes`: of that mark.
std::span<const std::string_view> closing_marks(std::string_view text, int& bytes);

}  // namespace anomalyvlm::prompts
