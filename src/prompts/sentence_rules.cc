// Rules: what may follow the subject of a sentence.
#include <algorithm>
#include <array>

#include "prompts/judgement.h"
#include "prompts/quantities.h"

namespace anomalyvlm::prompts {
namespace {

using Rules = std::vector<Rule>;

constexpr std::string_view kExample =
    "expected a rule here, such as \"smaller than 5%\", \"longer than 20 px\" or \"darker than the "
    "surroundings\"";

// "the object's edge", "the edge of the object", "the edge"
bool accept_edge(Cursor& at) {
  const int start = at.position();
  at.accept_any({"the", "its", "an", "any"});
  const bool object = at.accept_any({"object's", "object", "outer"});
  const bool edge = at.accept_any({"edge", "edges", "border", "borders", "boundary", "rim", "outline"});
  if (!edge) {
    at.rewind(start);
    return false;
  }
  if (!object && at.accept("of")) {
    at.accept_any({"the", "its", "their", "an"});
    const bool known =
        at.accept_any({"inspected object", "object"}) || (!at.object().empty() && at.accept(at.object()));
    if (!known) at.fail("expected \"the object\" here: only its edge is known");
  }
  return true;
}

void expect_edge(Cursor& at) {
  if (!accept_edge(at)) at.fail("expected \"the object's edge\" here");
}

struct Comparative {
  std::string_view words;
  Quantity quantity;
  Comparison comparison;
};
constexpr std::array<Comparative, 18> kComparatives = {{
    {"longer", Quantity::kLength, Comparison::kGreater},
    {"shorter", Quantity::kLength, Comparison::kLess},
    {"wider", Quantity::kWidth, Comparison::kGreater},
    {"broader", Quantity::kWidth, Comparison::kGreater},
    {"thicker", Quantity::kWidth, Comparison::kGreater},
    {"narrower", Quantity::kWidth, Comparison::kLess},
    {"thinner", Quantity::kWidth, Comparison::kLess},
    {"rounder", Quantity::kCircularity, Comparison::kGreater},
    {"more round", Quantity::kCircularity, Comparison::kGreater},
    {"less round", Quantity::kCircularity, Comparison::kLess},
    {"more circular", Quantity::kCircularity, Comparison::kGreater},
    {"less circular", Quantity::kCircularity, Comparison::kLess},
    {"more elongated", Quantity::kElongation, Comparison::kGreater},
    {"less elongated", Quantity::kElongation, Comparison::kLess},
    {"more confident", Quantity::kConfidence, Comparison::kGreater},
    {"less confident", Quantity::kConfidence, Comparison::kLess},
    {"more certain", Quantity::kConfidence, Comparison::kGreater},
    {"less certain", Quantity::kConfidence, Comparison::kLess},
}};

std::optional<Rules> accept_comparative(Cursor& at) {
  const int start = at.position();
  const bool none = at.accept("no");
  const bool itself = at.accept_any({"equal to or", "equal or"});
  for (const auto& [words, quantity, comparison] : kComparatives) {
    if (!at.accept(words)) continue;
    at.expect({"than"}, "expected \"than\" here");
    Comparison meant = accept_or_equal(at, none ? opposite(comparison) : comparison);
    if (itself) meant = or_equal(meant);
    return rules_of(at, quantity, {{meant, parse_measure(at)}});
  }
  at.rewind(start);
  return std::nullopt;
}

// "closer than 5 px to the edge", "farther from the edge than 5 px"
std::optional<Rules> accept_edge_comparative(Cursor& at) {
  const int start = at.position();
  const bool none = at.accept("no");
  const bool near = at.accept_any({"closer", "nearer"});
  if (!near && !at.accept_any({"farther", "further"})) {
    at.rewind(start);
    return std::nullopt;
  }
  at.accept("away");
  Comparison comparison = near ? Comparison::kLess : Comparison::kGreater;
  if (none) comparison = opposite(comparison);
  const auto preposition = [&] { at.expect({"to", "from"}, "expected \"to the object's edge\" here"); };
  if (at.accept("than")) {
    const Measure measure = parse_measure(at);
    preposition();
    expect_edge(at);
    return rules_of(at, Quantity::kEdgeDistance, {{comparison, measure}});
  }
  preposition();
  expect_edge(at);
  at.expect({"than"}, "expected \"than\" and a distance here");
  return rules_of(at, Quantity::kEdgeDistance, {{comparison, parse_measure(at)}});
}

std::optional<Rules> accept_touching(Cursor& at) {
  const int start = at.position();
  if (at.accept_any({"touching", "touch", "touches"})) {
    expect_edge(at);
  } else if (!at.accept_any({"at", "on"}) || !accept_edge(at)) {
    at.rewind(start);
    return std::nullopt;
  }
  return Rules{plain_rule(Quantity::kEdgeDistance, Comparison::kAtMost, 0, Unit::kPixels)};
}

// "inside the rectangle ...", "within 5 px of the object's edge", "entirely outside the polygon ..."
std::optional<Rules> accept_location(Cursor& at, std::optional<double> share = std::nullopt) {
  const int start = at.position();
  if (!share && at.accept_any({"entirely", "completely", "fully", "wholly"})) share = 1.0;
  if (!share && at.accept("mostly")) share = 0.5;
  if (at.accept("within")) {
    const int number = at.position();
    if (!share && accept_number(at)) {
      at.rewind(number);
      const Measure measure = parse_measure(at);
      at.expect({"of", "from"}, "expected \"of the object's edge\" here");
      expect_edge(at);
      return rules_of(at, Quantity::kEdgeDistance, {{Comparison::kAtMost, measure}});
    }
    return Rules{parse_place(at, Comparison::kInside, share.value_or(0.5))};
  }
  if (at.accept_any({"inside of", "inside", "in", "on"}))
    return Rules{parse_place(at, Comparison::kInside, share.value_or(0.5))};
  if (at.accept_any({"outside of", "outside", "off"}))
    return Rules{parse_place(at, Comparison::kOutside, share.value_or(0.5))};
  if (at.position() != start) at.fail("expected \"inside\" or \"outside\" here");
  return std::nullopt;
}

struct SizeWord {
  std::string_view words;
  Quantity quantity;
};
constexpr std::array<SizeWord, 21> kSizeWords = {{{"in length", Quantity::kLength},
                                                  {"length", Quantity::kLength},
                                                  {"dia", Quantity::kLength},
                                                  {"width", Quantity::kWidth},
                                                  {"thickness", Quantity::kWidth},
                                                  {"long", Quantity::kLength},
                                                  {"in diameter", Quantity::kLength},
                                                  {"diameter", Quantity::kLength},
                                                  {"across", Quantity::kLength},
                                                  {"in width", Quantity::kWidth},
                                                  {"in thickness", Quantity::kWidth},
                                                  {"wide", Quantity::kWidth},
                                                  {"broad", Quantity::kWidth},
                                                  {"thick", Quantity::kWidth},
                                                  {"in area", Quantity::kArea},
                                                  {"in size", Quantity::kArea},
                                                  {"large", Quantity::kArea},
                                                  {"big", Quantity::kArea},
                                                  {"in aspect ratio", Quantity::kAspectRatio},
                                                  {"in circularity", Quantity::kCircularity},
                                                  {"in hue", Quantity::kHue}}};

// "up to a length of 60 px", "over a width of 3 px"
std::optional<Rules> accept_bounded_property(Cursor& at) {
  const int start = at.position();
  if (at.accept_any({"up to", "below", "above", "under", "over"})) {
    at.rewind(start);
    const auto comparison = accept_comparison(at);
    at.accept_any({"a", "an", "the"});
    at.accept_any({"maximum", "max", "maximal"});
    const auto quantity = accept_quantity_noun(at);
    if (quantity && at.accept("of")) return rules_of(at, *quantity, {{*comparison, parse_measure(at)}});
  }
  at.rewind(start);
  return std::nullopt;
}

// "60 px or longer", "3 px or wider"
std::optional<Rules> accept_measure_or_more(Cursor& at) {
  const int start = at.position();
  if (accept_number(at)) {
    at.rewind(start);
    const Measure measure = parse_measure(at);
    for (const auto& [words, quantity, comparison] : kComparatives) {
      const bool greater = comparison == Comparison::kGreater;
      if (at.accept("or " + std::string(words)) || (greater && at.accept("and " + std::string(words))))
        return rules_of(at, quantity, {{greater ? Comparison::kAtLeast : Comparison::kAtMost, measure}});
    }
  }
  at.rewind(start);
  return std::nullopt;
}

// "10% darker ..."
std::optional<Rules> accept_amount_first(Cursor& at) {
  const int start = at.position();
  if (!accept_number(at)) return std::nullopt;
  at.rewind(start);
  const Measure measure = parse_measure(at);
  if (auto rules = accept_brightness(at, {{Comparison::kAtLeast, measure}})) return rules;
  at.rewind(start);
  at.fail("expected a comparison in front of this number, such as \"smaller than\" or \"at most\"");
}

}  // namespace

std::vector<Rule> parse_complement(Cursor& at) {
  if (auto rules = accept_comparative(at)) return *rules;
  if (auto rules = accept_edge_comparative(at)) return *rules;
  if (auto rules = accept_brightness(at)) return *rules;
  if (auto rules = accept_color(at)) return *rules;
  if (auto rules = accept_touching(at)) return *rules;
  if (auto rules = accept_bounded_property(at)) return *rules;
  if (auto rules = accept_measure_or_more(at)) return *rules;
  if (auto bounds = accept_bounds(at)) return bounded_rules(at, *bounds);
  at.accept_any({"located", "placed", "found"});
  if (auto rules = accept_location(at)) return *rules;
  if (auto rules = accept_amount_first(at)) return *rules;
  at.fail(std::string(kExample));
}

bool begins_size_word(const Cursor& at) {
  return std::any_of(kSizeWords.begin(), kSizeWords.end(),
                     [&](const SizeWord& row) { return at.is(row.words); });
}

// What a bound without a noun is about: what follows it, else an area.
std::vector<Rule> bounded_rules(Cursor& at, const std::vector<Bound>& bounds) {
  for (const auto& [words, quantity] : kSizeWords) {
    if (at.accept(words)) return rules_of(at, quantity, bounds);
  }
  if (at.accept_any({"away from", "from"})) {
    expect_edge(at);
    return rules_of(at, Quantity::kEdgeDistance, bounds);
  }
  if (auto rules = accept_brightness(at, bounds)) return *rules;
  if (at.accept_any({"times as long as wide", "times as long as they are wide", "times longer than wide"}))
    return rules_of(at, Quantity::kAspectRatio, bounds);
  const bool share = bounds.size() == 1 && bounds[0].comparison == Comparison::kAtLeast &&
                     bounds[0].measure.unit == MeasureUnit::kPercent &&
                     bounds[0].measure.relation == Relation::kNone;
  if (share && bounds[0].measure.value > 0 && bounds[0].measure.value <= 100) {
    if (auto rules = accept_location(at, bounds[0].measure.value / 100)) return *rules;
  }
  const Measure& measure = bounds[0].measure;
  // "smaller than 20 px" speaks of the area; "at most 20 px" could mean anything.
  const bool comparative =
      measure.first > 0 && at.sentence().tokens[static_cast<std::size_t>(measure.first - 1)].text == "than";
  if (measure.unit == MeasureUnit::kPixel && !comparative && !measure.diameter) {
    at.fail("say what this measures: \"long\", \"wide\", \"in area\" or \"from the edge\"");
  }
  // A bare length in mm can only be that of the longest side.
  const bool length = measure.unit == MeasureUnit::kMm || measure.diameter;
  const Quantity quantity = length ? Quantity::kLength : Quantity::kArea;
  return rules_of(at, quantity, bounds);
}

std::optional<Quantity> accept_quantity_noun(Cursor& at) {
  constexpr std::array<SizeWord, 20> kNouns = {{{"area", Quantity::kArea},
                                                {kDiameterSign, Quantity::kLength},
                                                {"lengths", Quantity::kLength},
                                                {"diameters", Quantity::kLength},
                                                {"widths", Quantity::kWidth},
                                                {"dia", Quantity::kLength},
                                                {"size", Quantity::kArea},
                                                {"length", Quantity::kLength},
                                                {"diameter", Quantity::kLength},
                                                {"width", Quantity::kWidth},
                                                {"thickness", Quantity::kWidth},
                                                {"aspect ratio", Quantity::kAspectRatio},
                                                {"elongation", Quantity::kElongation},
                                                {"circularity", Quantity::kCircularity},
                                                {"roundness", Quantity::kCircularity},
                                                {"colour difference", Quantity::kColorDifference},
                                                {"color difference", Quantity::kColorDifference},
                                                {"hue", Quantity::kHue},
                                                {"confidence", Quantity::kConfidence},
                                                {"score", Quantity::kConfidence}}};
  for (const auto& [words, quantity] : kNouns) {
    if (at.accept(words)) return quantity;
  }
  return std::nullopt;
}

bool begins_complement(const Cursor& from) {
  constexpr std::array<std::string_view, 33> kBeginnings = {
      "smaller",  "less",     "lower",   "larger",   "greater",     "bigger",  "more",   "higher",  "darker",
      "brighter", "lighter",  "closer",  "nearer",   "farther",     "further", "inside", "outside", "within",
      "at most",  "at least", "between", "exactly",  "touching",    "below",   "above",  "under",   "no more",
      "no less",  "not more", "up to",   "entirely", "equal to or", "equal or"};
  for (const std::string_view words : kBeginnings) {
    if (from.is(words)) return true;
  }
  for (const Comparative& row : kComparatives) {
    if (from.is(row.words)) return true;
  }
  if (from.is("from")) return from.peek(1).kind == Token::Kind::kNumber;
  if (from.is("over"))
    return from.peek(1).kind == Token::Kind::kNumber || from.is("over a length") || from.is("over a width");
  return from.is("<") || from.is(">") || from.is("<=") || from.is(">=");
}

}  // namespace anomalyvlm::prompts
