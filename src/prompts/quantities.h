#pragma once
// The quantities of rules: their names, units and ranges, in one table.
#include <span>
#include <string>
#include <string_view>

#include "anomalyvlm/prompt.h"

namespace anomalyvlm::prompts {

enum class Dimension { kArea, kLength, kShare, kNumber, kDegrees, kPlace };

struct QuantityInfo {
  Quantity quantity;
  std::string_view key;   // in TOML: "aspect_ratio"
  std::string_view name;  // for people: "aspect ratio"
  Dimension dimension;
  double least, most;  // the values it can take at all
};

std::span<const QuantityInfo> all_quantities();  // in the order of the enum
const QuantityInfo& info(Quantity quantity);

bool is_upper(Comparison comparison);            // kLess, kAtMost
bool is_lower(Comparison comparison);            // kGreater, kAtLeast
Comparison opposite(Comparison comparison);      // what holds when this one does not
std::string_view symbol(Comparison comparison);  // "<", "<=", ">", ">="

// "< 5% of the object", ">= 20 px", "between 20 and 60", "mostly rectangle 10, 20, 200, 180 px": what a TOML
// value, an option and describe() show; parse_bounds() and parse_place() read it again.
std::string bound_text(const Rule& rule);
// A number in the fewest digits that give it again; the same of a share in per cent ("5%").
std::string number_text(double value);
std::string percent_text(double share);

}  // namespace anomalyvlm::prompts
