#pragma once
// Makes untrusted text - file names, phrases, metadata - safe to print.
#include <string>
#include <string_view>

namespace anomalyvlm {

// For one line of a terminal or log: a '?' for each control character (line breaks and tabs too), each
// character that changes the direction or order of what is shown, and each byte that is not UTF-8.
std::string printable(std::string_view text);
// The same for text of several lines: line breaks stay.
std::string printable_lines(std::string_view text);

// A field of a CSV file (RFC 4180): quoted where it must be, also where a spreadsheet is set up for
// semicolons or tabs; and text that a spreadsheet would compute (it begins with = + - @, a tab or line break,
// or the wide forms of Chinese and Japanese) after an apostrophe. Not for numbers.
std::string csv_field(std::string_view text);

}  // namespace anomalyvlm
