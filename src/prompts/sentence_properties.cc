// Sentences about a property: "The area of cracks is at most 5%", "Maximum permissible scratch length: 2 mm".
#include <algorithm>
#include <array>

#include "prompts/judgement.h"
#include "prompts/quantities.h"

namespace anomalyvlm::prompts {
namespace {

using Rules = std::vector<Rule>;

struct Property {
  std::optional<Comparison> side;  // "maximum"
  bool permitted = false;          // "permissible"
  Quantity quantity = Quantity::kArea;
  Subject subject;
};

// "area < 5%", "minimum confidence: 0.3"
bool begins_value(const Cursor& at) {
  Cursor next = at;
  next.accept_any({":", "of"});
  return next.peek().kind == Token::Kind::kNumber || begins_complement(next);
}

void accept_adjectives(Cursor& at, Property& property) {
  for (bool more = true; more;) {
    if (at.accept_any({"maximum", "max", "largest", "maximal", "greatest"})) {
      property.side = Comparison::kAtMost;
    } else if (at.accept_any({"minimum", "min", "smallest", "minimal", "least"})) {
      property.side = Comparison::kAtLeast;
    } else if (at.accept_any({"permissible", "permitted", "allowed", "allowable", "admissible", "acceptable",
                              "accepted", "tolerated", "tolerable"})) {
      property.permitted = true;
    } else {
      more = false;
    }
  }
}

// "scratch length": up to four words of a name, then what is measured.
bool accept_named_noun(Cursor& at, Property& property) {
  constexpr int kMostWords = 4;
  property.subject.first = at.position();
  std::string name;
  for (int words = 0; words <= kMostWords; ++words) {
    property.subject.last = at.position();
    if (const auto quantity = accept_quantity_noun(at)) {
      property.quantity = *quantity;
      if (!name.empty() && !is_any_anomaly(name)) property.subject.kinds = {name};
      return name.empty() || begins_value(at) || at.is(":") || begins_predicate(at);
    }
    constexpr std::array<std::string_view, 12> kJoins = {"with", "having", "of",  "in",    "on", "and",
                                                         "or",   "a",      "the", "whose", "to", "over"};
    const bool joins = std::find(kJoins.begin(), kJoins.end(), at.peek().text) != kJoins.end();
    if (!is_word(at) || joins || is_rule_word(at.peek().text)) return false;
    name += (name.empty() ? "" : " ") + at.peek().text;
    at.advance();
  }
  return false;
}

std::optional<Property> accept_property(Cursor& at) {
  const int start = at.position();
  Property property;
  at.accept_any({"a", "an", "the", "their"});
  if (at.accept_any({"total area", "total length", "combined area", "combined length", "sum"}))
    at.fail_from(start, "each region is measured by itself: a total cannot be limited");
  accept_adjectives(at, property);
  if (accept_named_noun(at, property)) {
    if (!begins_value(at) && property.subject.kinds.empty() && at.accept("of"))
      property.subject = parse_subject(at);
    if (begins_value(at) || at.is(":") || begins_predicate(at)) return property;
  }
  at.rewind(start);
  return std::nullopt;
}

Rules parse_value(Cursor& at, const Property& property) {
  return parse_bound_value(at, property.quantity,
                           property.permitted ? property.side.value_or(Comparison::kAtMost) : property.side);
}

Statement parse_property_statement(Cursor& at, const Property& property) {
  Statement statement;
  statement.first = at.position();
  if (!begins_predicate(at)) {
    at.accept_any({":", "of"});
    statement.said.rules = parse_value(at, property);
    return statement;
  }
  statement.auxiliary = accept_auxiliary(at);
  bool inverted = statement.auxiliary.negated;
  if (at.accept_any({"exceed", "exceeds"})) {
    statement.said.rules = rules_of(at, property.quantity, {{Comparison::kGreater, parse_measure(at)}});
  } else {
    at.expect({"is", "are", "be"}, "expected \"is\" here");
    inverted |= at.accept("not");
    statement.said.rules = parse_value(at, property);
  }
  if (inverted) statement.said = negated(at, statement.first, std::move(statement.said));
  statement.auxiliary.negated = inverted;
  return statement;
}

}  // namespace

std::optional<PropertyStatement> accept_property_statement(Cursor& at) {
  const auto property = accept_property(at);
  if (!property) return std::nullopt;
  return PropertyStatement{property->subject, parse_property_statement(at, *property)};
}

bool try_property(Cursor& at, HybridPrompt& prompt, const std::vector<std::string>& same) {
  auto property = accept_property(at);
  if (!property) return false;
  if (property->subject.first == property->subject.last) property->subject.kinds = same;
  const bool stated = begins_predicate(at);
  Statement statement = parse_property_statement(at, *property);
  const bool above = bounds_size_above(statement.said.rules[0]);
  std::optional<Fate> fate;
  if (property->permitted) {
    fate = Fate::kTolerated;
  } else if (!stated) {  // "Scratch length > 60 px: reject"
    fate = at.accept_any({":", "="}) ? accept_named_fate(at) : accept_fate(at);
  }
  if (fate) {
    add_judged(prompt, at, *fate, property->subject, statement.first, std::move(statement.said));
    return true;
  }
  if (!stated && !at.at_end())
    at.fail("give each bound a sentence of its own, and say what becomes of these, such as \"are rejected\"");
  // "The maximum length of scratches is 60 px", "Scratch length: max. 60 px": of a part, or of what counts?
  if ((property->side || !stated) && above && !property->subject.kinds.empty())
    ask_reading(at, statement.first, property->subject, statement.said.rules[0]);
  add_statement(prompt, at, property->subject, std::move(statement));
  return true;
}

}  // namespace anomalyvlm::prompts
