#pragma once
// HTML's named character references. Private to src/text.
#include <string_view>

namespace anomalyvlm {

// All of them, each followed by a blank: the name without "&" and ";", then ';', or '?' where the ";" may be
// left out, then the one or two code points that it stands for, in hexadecimal digits with a comma between
// them.
std::string_view html_names();

}  // namespace anomalyvlm
