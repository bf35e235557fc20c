// Brightness and colour against the surroundings.
#include <array>

#include "prompts/grammar.h"
#include "prompts/quantities.h"

namespace anomalyvlm::prompts {
namespace {

using Rules = std::vector<Rule>;

bool accept_surroundings(Cursor& at) {
  const int start = at.position();
  at.accept_any({"the", "their", "its"});
  at.accept_any({"local", "immediate"});
  if (at.accept_any({"surroundings", "surrounding", "surrounding area", "background", "neighbourhood",
                     "neighborhood"})) {
    return true;
  }
  at.rewind(start);
  return false;
}

void accept_than_surroundings(Cursor& at) {
  if (!at.accept("than")) return;
  if (!accept_surroundings(at)) at.fail("expected \"their surroundings\" here");
}

// How much darker: the bounds are on a positive amount.
Rules brightness_rules(const Cursor& at, bool darker, const std::vector<Bound>& amount) {
  if (amount.empty())
    return {plain_rule(Quantity::kBrightness, darker ? Comparison::kLess : Comparison::kGreater, 0)};
  Rules rules = rules_of(at, Quantity::kColorDifference, amount);  // so that it is not below 0
  const bool open = rules.size() == 1 && is_upper(rules[0].comparison);
  if (open) rules.insert(rules.begin(), plain_rule(Quantity::kBrightness, Comparison::kGreater, 0));
  for (Rule& rule : rules) rule.quantity = Quantity::kBrightness;
  if (!darker) return rules;
  for (Rule& rule : rules) {
    rule.value = rule.value == 0 ? 0 : -rule.value;
    switch (rule.comparison) {
      case Comparison::kLess:
        rule.comparison = Comparison::kGreater;
        break;
      case Comparison::kAtMost:
        rule.comparison = Comparison::kAtLeast;
        break;
      case Comparison::kGreater:
        rule.comparison = Comparison::kLess;
        break;
      default:
        rule.comparison = Comparison::kAtMost;
        break;
    }
  }
  return rules;
}

// A difference: "10%" means at least so much.
std::vector<Bound> parse_amount(Cursor& at) {
  if (auto bounds = accept_bounds(at)) return *bounds;
  return {{Comparison::kAtLeast, parse_measure(at)}};
}

// "different in colour from the surroundings by at least 10%"
std::optional<Rules> accept_color_difference(Cursor& at) {
  const int start = at.position();
  const bool differs = at.accept_any({"different", "differ", "differs", "distinct"});
  if (!differs) return std::nullopt;
  const bool before = at.accept_any({"in colour", "in color"});
  at.expect({"from", "to"}, "expected \"in colour\" or \"from the surroundings\" here");
  if (!accept_surroundings(at)) at.fail("expected \"the surroundings\" here");
  if (!before) at.expect({"in colour", "in color"}, "expected \"in colour\" here");
  if (!at.accept("by")) at.fail_from(start, "expected an amount, as in \"by at least 10%\"");
  return rules_of(at, Quantity::kColorDifference, parse_amount(at));
}

struct ColorName {
  std::string_view name;
  double from, to;
};
constexpr std::array<ColorName, 10> kColors = {{{"red", 345, 15},
                                                {"orange", 15, 45},
                                                {"yellow", 45, 70},
                                                {"green", 70, 160},
                                                {"turquoise", 160, 200},
                                                {"cyan", 160, 200},
                                                {"blue", 200, 260},
                                                {"purple", 260, 300},
                                                {"violet", 260, 300},
                                                {"magenta", 300, 345}}};

std::optional<Rules> accept_color_name(Cursor& at) {
  for (const auto& [name, from, to] : kColors) {
    if (!at.accept(name)) continue;
    Rule rule = plain_rule(Quantity::kHue, Comparison::kInside, from);
    rule.value_to = to;
    return Rules{rule};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Rules> accept_brightness(Cursor& at, std::vector<Bound> amount) {
  const bool darker = at.accept("darker");
  if (!darker && !at.accept_any({"brighter", "lighter"})) return std::nullopt;
  if (amount.empty() && at.accept("by")) amount = parse_amount(at);
  accept_than_surroundings(at);
  if (amount.empty() && at.accept("by")) amount = parse_amount(at);
  return brightness_rules(at, darker, amount);
}

std::optional<Rules> accept_color(Cursor& at) {
  if (auto rules = accept_color_difference(at)) return rules;
  return accept_color_name(at);
}

std::vector<Rule> parse_brightness_value(Cursor& at, bool darker) {
  return brightness_rules(at, darker, parse_amount(at));
}

}  // namespace anomalyvlm::prompts
