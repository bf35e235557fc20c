#pragma once
// HTML's character references ("&amp;", "&#39;", "&copy") in text, and what they stand for.
#include <string>
#include <string_view>

namespace anomalyvlm {

// Replaces references as the HTML standard tells browsers to, and as Python's html.unescape does: the ";" may
// be missing from numbers and from some old names, also within a word ("&notit;" is "¬it;"); numbers of
// control characters are those of Windows-1252 or nothing, those of no character U+FFFD; unknown names stay.
std::u32string unescaped_html(std::u32string_view text);

// Replaces only what can hardly be meant otherwise, as ftfy 6.1 does: references that end in ";", and names
// in capitals that exist in small letters alone ("&NTILDE;").
std::u32string unescaped_plain_html(std::u32string_view text);

}  // namespace anomalyvlm
