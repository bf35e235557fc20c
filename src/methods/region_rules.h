#pragma once
// Prompt 2 (paper III-F): which rule, if any, a region breaks.
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "anomalyvlm/prompt.h"
#include "regions/measures.h"

namespace anomalyvlm {

struct Violation {
  int rule = 0;         // index into the rules
  double measured = 0;  // in the rule's unit; NaN for the hue of a grey region
  std::string text;     // "area 63.20% of the object; the rule: area < 50% of the object"
};

// Why a candidate of this phrase does not count; none: it does. Descriptions are tried in order, then
// criteria, of which one has to be met; only what they need is measured, by `measure`. Without a criterion
// that is met, the first broken rule of each is named, and the number is that of the first.
std::optional<Violation> first_violation(std::span<const Rule> rules, std::string_view phrase,
                                         const std::function<double(const Rule&)>& measure);

// Whether it is measured on the image's pixels; all other rules need the masks alone.
bool looks_at_colors(const Rule& rule);

// The measured value a rule looks at, in the rule's unit (NaN for the hue of a grey region). An empty region
// breaks every rule on its shape or colour that asks for more than 0. Throws Error(kBadPrompt) when a rule is
// in millimetres and `pixel_size_mm` is missing.
double measured_value(const Rule& rule, const RegionMeasures& measures, std::optional<double> pixel_size_mm);

}  // namespace anomalyvlm
