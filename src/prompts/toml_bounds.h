#pragma once
// Bounds on a TOML text before a parser that recurses sees it.
#include <string>
#include <string_view>

namespace anomalyvlm::prompts {

constexpr std::size_t kLongestToml = std::size_t{1} << 20;  // bytes
constexpr int kDeepestToml = 16;  // brackets and braces within each other, or parts of one dotted key

// What is beyond a bound: "line 3: ..."; empty: nothing is. What is no TOML may pass: the parser refuses it.
std::string beyond_bounds(std::string_view toml);

}  // namespace anomalyvlm::prompts
