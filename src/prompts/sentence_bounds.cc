// Bounds: a comparison and a measure, and what they mean for a quantity.
#include <array>
#include <utility>

#include "prompts/grammar.h"
#include "prompts/quantities.h"

namespace anomalyvlm::prompts {
namespace {

struct BoundWords {
  std::string_view words;
  Comparison comparison;
};

constexpr std::array<BoundWords, 44> kBoundWords = {{
    {"no more than", Comparison::kAtMost},
    {"not more than", Comparison::kAtMost},
    {"no larger than", Comparison::kAtMost},
    {"no greater than", Comparison::kAtMost},
    {"no bigger than", Comparison::kAtMost},
    {"no higher than", Comparison::kAtMost},
    {"no less than", Comparison::kAtLeast},
    {"not less than", Comparison::kAtLeast},
    {"no fewer than", Comparison::kAtLeast},
    {"no smaller than", Comparison::kAtLeast},
    {"no lower than", Comparison::kAtLeast},
    {"at most", Comparison::kAtMost},
    {"at the most", Comparison::kAtMost},
    {"at least", Comparison::kAtLeast},
    {"at the least", Comparison::kAtLeast},
    {"up to and including", Comparison::kAtMost},
    {"up to", Comparison::kAtMost},
    {"a maximum of", Comparison::kAtMost},
    {"the maximum of", Comparison::kAtMost},
    {"maximum of", Comparison::kAtMost},
    {"maximum", Comparison::kAtMost},
    {"max", Comparison::kAtMost},
    {"a minimum of", Comparison::kAtLeast},
    {"the minimum of", Comparison::kAtLeast},
    {"minimum of", Comparison::kAtLeast},
    {"minimum", Comparison::kAtLeast},
    {"min", Comparison::kAtLeast},
    {"less than", Comparison::kLess},
    {"smaller than", Comparison::kLess},
    {"lower than", Comparison::kLess},
    {"fewer than", Comparison::kLess},
    {"under", Comparison::kLess},
    {"below", Comparison::kLess},
    {"more than", Comparison::kGreater},
    {"greater than", Comparison::kGreater},
    {"larger than", Comparison::kGreater},
    {"bigger than", Comparison::kGreater},
    {"higher than", Comparison::kGreater},
    {"over", Comparison::kGreater},
    {"above", Comparison::kGreater},
    {"<=", Comparison::kAtMost},
    {">=", Comparison::kAtLeast},
    {"<", Comparison::kLess},
    {">", Comparison::kGreater},
}};

// "between 2 and 5 px": the unit stands once, behind the second.
std::vector<Bound> parse_pair(Cursor& at, Measure low, std::initializer_list<std::string_view> middle) {
  at.expect(middle, "expected \"" + std::string(*middle.begin()) + "\" and the second bound here");
  const Measure high = parse_measure(at);
  if (low.unit == MeasureUnit::kNone && low.relation == Relation::kNone) {
    const int before = at.position();
    at.rewind(high.first);
    accept_number(at);
    if (const auto unit = accept_unit(at)) low.value = unit->scaled(low.value);
    at.rewind(before);
    low.unit = high.unit;
    low.relation = high.relation;
  }
  if (low.relation == Relation::kNone) low.relation = high.relation;
  return {{Comparison::kAtLeast, low}, {Comparison::kAtMost, high}};
}

std::optional<std::vector<Bound>> accept_range(Cursor& at) {
  const int start = at.position();
  if (!accept_number(at)) return std::nullopt;
  at.rewind(start);
  const Measure low = parse_measure(at);
  if (at.is("to") || at.is("-")) return parse_pair(at, low, {"to", "-"});
  if (at.accept_any({"or more", "and more", "or above", "and above", "or larger", "and larger", "or greater",
                     "or over", "and over"}))
    return std::vector<Bound>{{Comparison::kAtLeast, low}};
  if (at.accept_any({"or less", "or smaller", "or below", "and less", "and below"}))
    return std::vector<Bound>{{Comparison::kAtMost, low}};
  at.rewind(start);
  return std::nullopt;
}

struct Value {
  double value;
  Unit unit;
};

[[noreturn]] void fail_measure(const Cursor& at, const Measure& m, const std::string& message) {
  Cursor there = at;
  there.rewind(m.last);
  there.fail_from(m.first, message);
}

Value area_value(const Cursor& at, const Measure& m) {
  const Unit share = m.relation == Relation::kImage ? Unit::kOfImage : Unit::kOfObject;
  switch (m.unit) {
    case MeasureUnit::kPercent:
      if (m.value < 0 || m.value > 100) fail_measure(at, m, "a share of an area lies between 0% and 100%");
      return {m.value / 100, share};
    case MeasureUnit::kNone:
      if (m.value < 0 || m.value > 1) {
        fail_measure(
            at, m,
            "an area needs a unit, such as 5%, 5 px or 5 mm2 (a bare number is a share and at most 1)");
      }
      return {m.value, share};
    case MeasureUnit::kPixel:
    case MeasureUnit::kSquarePixel:
      return {m.value, Unit::kPixels};
    case MeasureUnit::kSquareMm:
      return {m.value, Unit::kMm};
    default:
      fail_measure(at, m, "an area is given in %, px or mm2; for a length say \"longer\" or \"wider\"");
  }
}

Value length_value(const Cursor& at, const Measure& m, const QuantityInfo& row) {
  if (m.unit == MeasureUnit::kPixel) return {m.value, Unit::kPixels};
  if (m.unit == MeasureUnit::kMm) return {m.value, Unit::kMm};
  fail_measure(at, m, "a " + std::string(row.name) + " is given in px or mm");
}

Value plain_value(const Cursor& at, const Measure& m, const QuantityInfo& row) {
  const bool percent = m.unit == MeasureUnit::kPercent && row.dimension == Dimension::kShare;
  const bool degrees = m.unit == MeasureUnit::kDegree && row.dimension == Dimension::kDegrees;
  if (m.unit != MeasureUnit::kNone && !percent && !degrees) {
    fail_measure(at, m, "the " + std::string(row.name) + " is a plain number");
  }
  const double value = percent ? m.value / 100 : m.value;
  if (!(value >= row.least && value <= row.most)) {
    std::string range = row.most < 1e9
                            ? "lies between " + number_text(row.least) + " and " + number_text(row.most)
                            : "is at least " + number_text(row.least);
    fail_measure(at, m, "the " + std::string(row.name) + " " + range);
  }
  return {value, Unit::kNone};
}

Value value_of(const Cursor& at, Quantity quantity, const Measure& m) {
  const QuantityInfo& row = info(quantity);
  if (m.value < row.least && row.least == 0) fail_measure(at, m, "this cannot be below 0");
  if (row.dimension == Dimension::kArea) return area_value(at, m);
  if (m.relation != Relation::kNone) {
    fail_measure(at, m, "the " + std::string(row.name) + " is not a share of the object or of the image");
  }
  return row.dimension == Dimension::kLength ? length_value(at, m, row) : plain_value(at, m, row);
}

// A hue is a range on a circle.
Rule hue_rule(const Cursor& at, const std::vector<Bound>& bounds) {
  Rule rule = plain_rule(Quantity::kHue, Comparison::kInside, 0);
  rule.value_to = 360;
  for (const Bound& bound : bounds) {
    const double value = value_of(at, Quantity::kHue, bound.measure).value;
    (is_lower(bound.comparison) ? rule.value : rule.value_to) = value;
  }
  return rule;
}

}  // namespace

Comparison or_equal(Comparison comparison) {
  return comparison == Comparison::kLess      ? Comparison::kAtMost
         : comparison == Comparison::kGreater ? Comparison::kAtLeast
                                              : comparison;
}

Comparison accept_or_equal(Cursor& at, Comparison comparison) {
  return at.accept_any({"or equal to", "or equals"}) ? or_equal(comparison) : comparison;
}

std::optional<Comparison> accept_comparison(Cursor& at) {
  if (at.accept_any({"equal to or", "equal or"})) {
    const auto strict = accept_comparison(at);
    if (!strict) at.fail("expected \"larger than\" or \"smaller than\" here");
    return or_equal(*strict);
  }
  for (const auto& [words, comparison] : kBoundWords) {
    if (at.accept(words)) return accept_or_equal(at, comparison);
  }
  const bool comparative = at.is("smaller") || at.is("less") || at.is("lower") || at.is("fewer") ||
                           at.is("larger") || at.is("greater") || at.is("bigger") || at.is("more") ||
                           at.is("higher");
  if (comparative) {
    at.advance();
    at.fail("expected \"than\" here");
  }
  if (at.accept("at")) at.fail("expected \"most\" or \"least\" here");
  return std::nullopt;
}

Rule plain_rule(Quantity quantity, Comparison comparison, double value, Unit unit) {
  Rule rule;
  rule.quantity = quantity;
  rule.comparison = comparison;
  rule.value = value;
  rule.unit = unit;
  return rule;
}

std::optional<std::vector<Bound>> accept_bounds(Cursor& at) {
  if (at.accept("between")) {
    const Measure low = parse_measure(at);
    return parse_pair(at, low, {"and"});
  }
  if (at.is("from") && (at.peek(1).kind == Token::Kind::kNumber || is_number_word(at.peek(1).text))) {
    at.advance();
    const Measure low = parse_measure(at);
    if (at.is("to") || at.is("-")) return parse_pair(at, low, {"to", "-"});
    at.accept_any({"on", "upwards", "onwards", "up", "and above", "and more"});
    return std::vector<Bound>{{Comparison::kAtLeast, low}};
  }
  if (at.accept_any({"exactly", "equal to", "="})) {
    const Measure measure = parse_measure(at);
    return std::vector<Bound>{{Comparison::kAtLeast, measure}, {Comparison::kAtMost, measure}};
  }
  if (const auto comparison = accept_comparison(at))
    return std::vector<Bound>{{*comparison, parse_measure(at)}};
  return accept_range(at);
}

std::vector<Rule> rules_of(const Cursor& at, Quantity quantity, const std::vector<Bound>& bounds) {
  if (quantity == Quantity::kHue) return {hue_rule(at, bounds)};
  std::vector<Rule> rules;
  for (const Bound& bound : bounds) {
    const auto [value, unit] = value_of(at, quantity, bound.measure);
    rules.push_back(plain_rule(quantity, bound.comparison, value, unit));
  }
  if (rules.size() == 2 && rules[0].unit == rules[1].unit && rules[0].value > rules[1].value) {
    fail_measure(at, bounds[0].measure, "the lower bound is above the upper one");
  }
  return rules;
}

std::vector<Rule> parse_bound_value(Cursor& at, Quantity quantity, std::optional<Comparison> bare) {
  const int start = at.position();
  const bool inverted = quantity == Quantity::kHue && at.accept("not");
  std::vector<Rule> rules;
  if (const auto bounds = accept_bounds(at)) {
    rules = rules_of(at, quantity, *bounds);
  } else if (!bare && accept_number(at)) {
    at.rewind(start);
    at.fail("expected a comparison in front, such as \"<\", \"at most\" or \"between\"");
  } else {
    const Measure measure = parse_measure(at);
    rules = rules_of(at, quantity, {{*bare, measure}});
  }
  return inverted ? negated(at, start, {std::move(rules)}).rules : rules;
}

}  // namespace anomalyvlm::prompts
