#pragma once
// Repairs text that other programs damaged, as ftfy 6.1 (R. Speer, 2019) does with its default settings.
#include <string>
#include <string_view>

namespace anomalyvlm {

// Line by line, again and again until nothing changes: HTML's character references, unless there is a "<" in
// this line or one before; UTF-8 that was read as another encoding; ligatures of Latin letters; characters of
// double or half width; curly quotation marks; line breaks; terminal sequences; control characters;
// composition (NFC). Ill-formed pieces of UTF-8 become U+FFFD first.
std::string repaired_text(std::string_view text);

}  // namespace anomalyvlm
