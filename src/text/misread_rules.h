#pragma once
// Which characters stand side by side where UTF-8 was read as another encoding. Private to src/text.
#include <string_view>

namespace anomalyvlm {

// The length of the characters from `begin` on that each UTF-8 sequence of 2 to 4 bytes becomes, sequence
// after sequence; 0: there are none, or they follow another such character.
std::size_t length_of_misread(std::u32string_view text, std::size_t begin);

}  // namespace anomalyvlm
