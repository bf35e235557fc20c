#pragma once
// Translates the names of weights from one publisher's to another's.
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace anomalyvlm {

// In `from`, '#' stands for a whole number and a '*' at the end for any ending (not none). Those of `to` are
// replaced by what they stood for, numbers in their order; `to` may have fewer of them.
struct NameRule {
  std::string_view from, to;
};

std::optional<std::string> renamed(const NameRule& rule, std::string_view name);
// By the first rule that fits.
std::optional<std::string> renamed(std::span<const NameRule> rules, std::string_view name);

}  // namespace anomalyvlm
