#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "prompts/grammar.h"
#include "prompts/phrase_match.h"
#include "prompts/quantities.h"

namespace anomalyvlm {
namespace prompts {
namespace {

// How a rule is called in a message: as it was written, and what it was understood to be.
std::string quoted(const Rule& rule) {
  const std::string meaning = describe(rule);
  return rule.text.empty() || rule.text == meaning ? "\"" + meaning + "\""
                                                   : "\"" + rule.text + "\" (" + meaning + ")";
}

bool fits(Dimension dimension, Unit unit) {
  switch (dimension) {
    case Dimension::kArea:
      return unit != Unit::kNone;
    case Dimension::kLength:
      return unit == Unit::kPixels || unit == Unit::kMm;
    case Dimension::kPlace:
      return unit != Unit::kMm && unit != Unit::kOfObject;
    default:
      return unit == Unit::kNone;
  }
}

void check_place(const Rule& rule) {
  if (rule.comparison != Comparison::kInside && rule.comparison != Comparison::kOutside) {
    fail(ErrorKind::kBadPrompt, "The rule {} needs \"inside\" or \"outside\".", quoted(rule));
  }
  if (!(rule.value > 0))
    fail(ErrorKind::kBadPrompt, "The rule {} asks for no part of the region.", quoted(rule));
  if (rule.region.empty()) return;
  if (rule.unit == Unit::kNone)
    fail(ErrorKind::kBadPrompt, "The rule {} has corners without a unit.", quoted(rule));
  double twice_area = 0;
  for (std::size_t i = 0; i < rule.region.size(); ++i) {
    const auto& [x, y] = rule.region[i];
    const auto& next = rule.region[(i + 1) % rule.region.size()];
    const double most = rule.unit == Unit::kOfImage ? 1 : 1e9;
    if (!(x >= 0 && x <= most && y >= 0 && y <= most)) {
      fail(ErrorKind::kBadPrompt, "A corner of {} lies outside of every image.", quoted(rule));
    }
    twice_area += x * next[1] - next[0] * y;
  }
  if (rule.region.size() < 3 || twice_area == 0)
    fail(ErrorKind::kBadPrompt, "The region of {} is empty.", quoted(rule));
}

// Of a rule made by hand; nothing of it can be shown.
void check_exists(const Rule& rule) {
  const auto within = [](auto value, auto last) { return value >= decltype(value){} && value <= last; };
  if (!within(rule.quantity, Quantity::kLocation) || !within(rule.unit, Unit::kMm) ||
      !within(rule.comparison, Comparison::kOutside) || rule.criterion < 0)
    fail(ErrorKind::kBadPrompt,
         "A rule has a quantity, a unit, a comparison or a criterion that does not exist.");
}

bool any_empty(const std::vector<std::string>& phrases) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [](const std::string& phrase) { return normalised_phrase(phrase).empty(); });
}

void check_rule(const Rule& rule) {
  check_exists(rule);
  if (any_empty(rule.phrases))
    fail(ErrorKind::kBadPrompt, "One of the phrases of the rule {} is empty.", quoted(rule));
  const QuantityInfo& row = info(rule.quantity);
  if (!fits(row.dimension, rule.unit))
    fail(ErrorKind::kBadPrompt, "The unit of {} does not fit.", quoted(rule));
  const bool share =
      rule.unit == Unit::kOfObject || (rule.unit == Unit::kOfImage && row.dimension == Dimension::kArea);
  const double most = share ? 1 : row.most;
  if (!std::isfinite(rule.value) || rule.value < row.least || rule.value > most) {
    fail(ErrorKind::kBadPrompt, "The bound of {} is out of range: {} lies between {} and {}.", quoted(rule),
         row.name, number_text(row.least), std::isfinite(most) ? number_text(most) : "infinity");
  }
  if (rule.quantity == Quantity::kLocation) return check_place(rule);
  if (rule.quantity == Quantity::kHue) {
    if (rule.comparison != Comparison::kInside && rule.comparison != Comparison::kOutside)
      fail(ErrorKind::kBadPrompt, "The rule {} needs a range of hues.", quoted(rule));
    if (!(rule.value_to >= 0 && rule.value_to <= 360))
      fail(ErrorKind::kBadPrompt, "The hue of {} is out of range.", quoted(rule));
    return;
  }
  const bool nothing_passes = (rule.comparison == Comparison::kLess && rule.value == row.least) ||
                              (rule.comparison == Comparison::kGreater && rule.value == row.most);
  if (nothing_passes) fail(ErrorKind::kBadPrompt, "No region can meet {}.", quoted(rule));
}

// The rule's bound in a unit in which two rules can be compared; none for another unit.
std::optional<double> in_unit(const Rule& rule, Unit unit, std::optional<double> pixel_size_mm) {
  if (rule.unit == unit) return rule.value;
  if (!pixel_size_mm || rule.unit != Unit::kPixels || unit != Unit::kMm) return std::nullopt;
  const double side = *pixel_size_mm;
  return rule.value * (rule.quantity == Quantity::kArea ? side * side : side);
}

bool bounds_exclude(const Rule& low, const Rule& high, std::optional<double> pixel_size_mm) {
  if (!is_lower(low.comparison) || !is_upper(high.comparison)) return false;
  const bool mm = low.unit == Unit::kMm || high.unit == Unit::kMm;
  const Unit unit = mm ? Unit::kMm : low.unit;
  const auto least = in_unit(low, unit, pixel_size_mm), most = in_unit(high, unit, pixel_size_mm);
  if (!least || !most) return false;
  const bool open = low.comparison == Comparison::kGreater || high.comparison == Comparison::kLess;
  return *least > *most || (*least == *most && open);
}

bool places_exclude(const Rule& inside, const Rule& outside) {
  return inside.comparison == Comparison::kInside && outside.comparison == Comparison::kOutside &&
         inside.quantity == Quantity::kLocation && inside.unit == outside.unit &&
         inside.region == outside.region && inside.value + outside.value >= 1;
}

[[noreturn]] void fail_pair(const HybridPrompt& prompt, const Rule& a, const Rule& b,
                            const std::string& what) {
  throw RuleError(what, static_cast<std::size_t>(std::max(&a, &b) - prompt.rules.data()));
}

void check_contradictions(const HybridPrompt& prompt) {
  for (const Rule& a : prompt.rules) {
    for (const Rule& b : prompt.rules) {
      const bool either = a.criterion != 0 && b.criterion != 0 && a.criterion != b.criterion;
      if (a.quantity != b.quantity || either) continue;
      const bool exclude = bounds_exclude(a, b, prompt.pixel_size_mm) || places_exclude(a, b);
      if (!exclude || !overlap(a, b)) continue;
      fail_pair(prompt, a, b,
                fmt::format("Two rules contradict each other, so that no region can meet both: {} and {}.",
                            quoted(a), quoted(b)));
    }
  }
}

// Of two criteria: whether `a` names no region that `b` does not, for both bound the same from below.
bool adds_nothing(const HybridPrompt& prompt, const Rule& a, const Rule& b) {
  if (a.quantity != b.quantity || !is_lower(a.comparison) || !is_lower(b.comparison)) return false;
  const Unit unit = a.unit == Unit::kMm || b.unit == Unit::kMm ? Unit::kMm : b.unit;
  const auto at_a = in_unit(a, unit, prompt.pixel_size_mm), at_b = in_unit(b, unit, prompt.pixel_size_mm);
  if (!at_a || !at_b || *at_a <= *at_b) return false;
  const auto meant = [&](const std::string& name) {
    return std::any_of(b.phrases.begin(), b.phrases.end(),
                       [&](const std::string& other) { return names_phrase(other, name); });
  };
  return b.phrases.empty() || (!a.phrases.empty() && std::all_of(a.phrases.begin(), a.phrases.end(), meant));
}

// "Scratches longer than 60 px are rejected" means nothing beside "Defects longer than 20 px are rejected":
// one of them was meant otherwise.
void check_criteria(const HybridPrompt& prompt) {
  for (const Rule& a : prompt.rules) {
    for (const Rule& b : prompt.rules) {
      const bool both = a.criterion != 0 && b.criterion != 0 && adds_nothing(prompt, a, b);
      if (!both || !is_alone(prompt, a) || !is_alone(prompt, b)) continue;
      fail_pair(prompt, a, b,
                fmt::format("{} means nothing beside {}, which fails those regions and smaller ones; leave "
                            "out one of them, or name in each the kinds that it is for.",
                            quoted(a), quoted(b)));
    }
  }
}

void check_number(std::size_t count, const char* what) {
  constexpr std::size_t kMost = 1000;  // more is a mistake, and takes long to compare
  if (count > kMost)
    fail(ErrorKind::kBadPrompt, "A prompt has {} {}; at most {} are read.", count, what, kMost);
}

// Names come back in messages and results.
void check_name(const std::string& name, const char* what) {
  if (!is_utf8(name)) fail(ErrorKind::kBadPrompt, "What is given as {} is not text in UTF-8.", what);
  if (has_control_character(name))
    fail(ErrorKind::kBadPrompt, "There is a control character or a line break in {}; remove it.", what);
}

void check_names(const HybridPrompt& prompt) {
  check_number(prompt.phrases.size(), "phrases");
  check_number(prompt.rules.size(), "rules");
  check_number(prompt.kind_limits.size(), "limits of kinds");
  check_name(prompt.object, "the object's name");
  const auto check = [](const std::vector<std::string>& phrases) {
    check_number(phrases.size(), "phrases");
    for (const std::string& phrase : phrases) check_name(phrase, "one of the phrases");
  };
  check(prompt.phrases);
  for (const Rule& rule : prompt.rules) check(rule.phrases);
  for (const KindLimit& limit : prompt.kind_limits) check(limit.phrases);
}

}  // namespace

bool overlap(const Rule& a, const Rule& b) {
  if (a.phrases.empty() || b.phrases.empty()) return true;
  for (const std::string& one : a.phrases) {
    for (const std::string& other : b.phrases) {
      if (names_phrase(one, other) || names_phrase(other, one)) return true;
    }
  }
  return false;
}

void check_values(const HybridPrompt& prompt) {
  check_names(prompt);
  if (prompt.max_regions && *prompt.max_regions < 0) {
    fail(ErrorKind::kBadPrompt, "The largest number of regions is {}; it must be 0 (all of them) or more.",
         *prompt.max_regions);
  }
  if (prompt.object_count && *prompt.object_count < 1) {
    fail(ErrorKind::kBadPrompt, "The number of objects is {}; it must be 1 or more.", *prompt.object_count);
  }
  if (prompt.pixel_size_mm && !(std::isfinite(*prompt.pixel_size_mm) && *prompt.pixel_size_mm > 0)) {
    fail(ErrorKind::kBadPrompt, "The size of a pixel is {} mm; it must be above 0.", *prompt.pixel_size_mm);
  }
  if (prompt.limit && !(std::isfinite(*prompt.limit) && *prompt.limit > 0)) {
    fail(ErrorKind::kBadPrompt, "The limit of the image score is {}; it must be a number above 0.",
         *prompt.limit);
  }
  if (any_empty(prompt.phrases)) {
    fail(ErrorKind::kBadPrompt, "One of the phrases to look for is empty.");
  }
  for (const KindLimit& limit : prompt.kind_limits) {
    if (limit.phrases.empty() || any_empty(limit.phrases))
      fail(ErrorKind::kBadPrompt, "A limit on the number of certain regions does not say of which.");
    if (limit.max_regions < 0)
      fail(ErrorKind::kBadPrompt,
           "The largest number of regions of {} is {}; it must be 0 (all of them) or more.",
           fmt::join(limit.phrases, ", "), limit.max_regions);
  }
  for (std::size_t i = 0; i < prompt.rules.size(); ++i) {
    try {
      check_rule(prompt.rules[i]);
    } catch (const Error& error) {
      throw RuleError(error.what(), i);
    }
  }
  check_contradictions(prompt);
  check_criteria(prompt);
}

}  // namespace prompts

std::vector<std::string> sought_phrases(const HybridPrompt& prompt) {
  if (!prompt.phrases.empty()) return prompt.phrases;
  std::vector<std::string> sought;
  const bool criteria = std::any_of(prompt.rules.begin(), prompt.rules.end(), [](const Rule& rule) {
    return rule.criterion != 0 && !rule.phrases.empty();
  });
  if (!criteria) sought.emplace_back("defect");
  const auto add = [&](const std::vector<std::string>& phrases) {
    for (const std::string& phrase : phrases) {
      const bool known = std::any_of(sought.begin(), sought.end(),
                                     [&](const std::string& s) { return same_phrase(s, phrase); });
      if (!known) sought.push_back(phrase);
    }
  };
  for (const Rule& rule : prompt.rules) add(rule.phrases);
  for (const KindLimit& limit : prompt.kind_limits) add(limit.phrases);
  return sought;
}

namespace {

// What holds for single kinds must be for kinds that are looked for; `what` names it in a message.
template <typename What>
void require_sought(const std::vector<std::string>& phrases, const std::vector<std::string>& sought,
                    const What& what) {
  for (const std::string& phrase : phrases) {
    const bool known = std::any_of(sought.begin(), sought.end(),
                                   [&](const std::string& s) { return names_phrase(phrase, s); });
    if (known) continue;
    fail(ErrorKind::kBadPrompt,
         "{} is for \"{}\", which is not looked for; what is: {}. Add it to the phrases, or say "
         "\"anomalies\" for all.",
         what(), phrase, fmt::join(sought, ", "));
  }
}

}  // namespace

void validate(const HybridPrompt& prompt) {
  prompts::check_values(prompt);
  const std::vector<std::string> sought = sought_phrases(prompt);
  for (const Rule& rule : prompt.rules) {
    if (rule.unit == Unit::kMm && !prompt.pixel_size_mm) {
      fail(ErrorKind::kBadPrompt,
           "The rule {} is in millimetres: give the size of a pixel too (pixel_size_mm, --pixel-size or "
           "\"A pixel is 0.05 mm\").",
           prompts::quoted(rule));
    }
    require_sought(rule.phrases, sought, [&] { return "The rule " + prompts::quoted(rule); });
  }
  for (const KindLimit& limit : prompt.kind_limits)
    require_sought(limit.phrases, sought,
                   [&] { return fmt::format("The limit of {} regions", limit.max_regions); });
}

}  // namespace anomalyvlm
