#pragma once
// Prompt 2 (paper III-F): which rule, if any, a region breaks.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "anomalyvlm/prompt.h"
#include "pipeline/measure.h"

namespace anomalyvlm {

struct Violation {
  int rule = 0;         // index into the rules
  double measured = 0;  // in the rule's unit; NaN for the hue of a grey region
  std::string text;     // "area 63.20% of the object; the rule: area < 50% of the object"
};

// The rules are tried in order, and only what they need is measured. `phrase` is the candidate's: rules for
// other phrases do not apply. An empty region breaks every rule on its shape or colour that asks for more
// than 0. Throws Error(kBadPrompt) when a rule is in millimetres and `pixel_size_mm` is missing.
std::optional<Violation> first_violation(std::span<const Rule> rules, const RegionMeasures& measures,
                                         std::string_view phrase, std::optional<double> pixel_size_mm);

// The same step by step: whether a rule is for candidates of this phrase, and whether a value breaks it.
bool applies(const Rule& rule, std::string_view phrase);
std::optional<Violation> violation(const Rule& rule, int index, double measured);

// Whether it is measured on the image's pixels; all other rules need the masks alone.
bool looks_at_colors(const Rule& rule);

// The measured value a rule looks at, in the rule's unit (NaN for the hue of a grey region).
double measured_value(const Rule& rule, const RegionMeasures& measures, std::optional<double> pixel_size_mm);

}  // namespace anomalyvlm
