#pragma once
// Text that was UTF-8 and was read as another encoding: "schÃ¶n" for "schön". Private to src/text.
#include <string>
#include <string_view>

namespace anomalyvlm {

// Whether characters stand side by side that hardly do in text as it was meant (the heuristic of ftfy 6.1).
bool looks_misread(std::u32string_view text);

// The text as it was meant, where it looks misread and reading it again succeeds, also several times and in
// parts; C1 control characters become what Windows-1252 has there (ftfy 6.1's fix_encoding).
std::u32string reread(std::u32string text);

}  // namespace anomalyvlm
