// From the verb to the end of a rule.
#include <array>

#include "prompts/grammar.h"
#include "prompts/judgement.h"

namespace anomalyvlm::prompts {
namespace {

using Rules = std::vector<Rule>;

struct ComparedProperty {
  Quantity quantity;
  std::optional<Comparison> side;  // "a maximum length"
};

std::optional<ComparedProperty> accept_compared_property(Cursor& at) {
  const int start = at.position();
  at.accept_any({"a", "an", "the", "their"});
  ComparedProperty property{};
  if (at.accept_any({"maximum", "maximal", "max", "largest"})) property.side = Comparison::kAtMost;
  if (at.accept_any({"minimum", "minimal", "min", "smallest"})) property.side = Comparison::kAtLeast;
  const auto quantity = accept_quantity_noun(at);
  if (!quantity) {
    at.rewind(start);
    return std::nullopt;
  }
  property.quantity = *quantity;
  return property;
}

bool accept_negation(Cursor& at) { return at.accept_any({"not", "never"}); }

Condition parse_verb(Cursor& at, bool inverted) {
  const int first = at.position();
  if (at.accept_any({"isn't", "aren't"})) return negated(at, first, parse_condition(at));
  if (at.accept_any({"be", "is", "are", "was", "were"})) {
    at.accept_any({"always", "all"});
    return parse_condition(at);
  }
  if (at.accept_any({"have", "has", "had"})) return parse_properties(at);
  if (at.accept_any({"exceed", "exceeds"})) return parse_exceeded(at, inverted);
  if (at.accept_any({"cover", "covers", "occupy", "occupies"})) {
    if (auto bounds = accept_bounds(at)) return {rules_of(at, Quantity::kArea, *bounds)};
    at.fail("expected a comparison here, such as \"less than 5% of the image\"");
  }
  if (at.accept_any({"lie", "lies", "stay", "appear", "occur"}) || at.is("differ") || at.is("differs") ||
      at.is("touch") || at.is("touches")) {
    return parse_condition(at);
  }
  at.fail("expected a verb here, such as \"are\", \"have\", \"exceed\" or \"lie\"");
}

// "are limited to 0.5 mm"
bool accept_limited(Cursor& at) {
  const int start = at.position();
  at.accept_any({"must", "shall", "should"});
  if (at.accept_any({"are", "is", "be"}) && at.accept_any({"limited to", "restricted to"})) {
    at.accept_any({"a maximum of", "a max of"});
    return true;
  }
  at.rewind(start);
  return false;
}

}  // namespace

Auxiliary accept_auxiliary(Cursor& at) {
  if (at.accept_any({"mustn't", "shouldn't"})) return {Mood::kDemands, true};
  if (at.accept_any({"cannot", "can't", "won't"})) return {Mood::kUnclear, true};
  if (at.accept_any({"don't", "doesn't", "wouldn't"})) return {Mood::kDescribes, true};
  if (at.accept_any({"do", "does", "did"})) {
    if (!accept_negation(at)) at.fail("expected \"not\" here");
    return {Mood::kDescribes, true};
  }
  Mood mood = Mood::kDescribes, refused = Mood::kDescribes;
  if (at.accept_any({"must", "should", "shall", "have to", "has to", "need to", "needs to"})) {
    mood = refused = Mood::kDemands;
  } else if (at.accept("may")) {
    mood = Mood::kPermits;
    refused = Mood::kDemands;
  } else if (at.accept_any({"can", "could", "might"})) {
    mood = Mood::kPermits;
    refused = Mood::kUnclear;
  } else if (at.accept("will")) {
    mood = refused = Mood::kUnclear;
  } else {
    at.accept("would");
  }
  const bool negated = accept_negation(at);
  at.accept("always");
  return {negated ? refused : mood, negated};
}

bool begins_property(Cursor at) { return accept_compared_property(at).has_value(); }

std::vector<Rule> parse_property(Cursor& at) {
  const auto property = accept_compared_property(at);
  if (!property) at.fail("expected a property here, such as \"an area\", \"a length\" or \"a confidence\"");
  at.accept_any({"of", "that is", "which is"});
  return parse_bound_value(at, property->quantity, property->side);
}

std::vector<Rule> parse_exceeded_measure(Cursor& at) {
  const auto property = accept_compared_property(at);  // "exceed a length of 60 px"
  if (!property) return bounded_rules(at, {{Comparison::kGreater, parse_measure(at)}});
  at.accept("of");
  return rules_of(at, property->quantity, {{Comparison::kGreater, parse_measure(at)}});
}

Statement parse_statement(Cursor& at) {
  Statement statement;
  statement.first = at.position();
  if (accept_limited(at)) {
    statement.auxiliary.mood = Mood::kDemands;
    statement.said.rules = bounded_rules(at, {{Comparison::kAtMost, parse_measure(at)}});
    return statement;
  }
  statement.auxiliary = accept_auxiliary(at);
  const bool inverted = statement.auxiliary.negated;
  statement.said = parse_verb(at, inverted);
  if (inverted) statement.said = negated(at, statement.first, std::move(statement.said));
  return statement;
}

bool begins_predicate(const Cursor& at) {
  constexpr std::array<std::string_view, 37> kVerbs = {
      "is",      "are",     "be",        "was",      "were",   "isn't",   "aren't", "must",
      "should",  "shall",   "would",     "could",    "might",  "may",     "cannot", "can't",
      "mustn't", "won't",   "don't",     "doesn't",  "do",     "does",    "did",    "has",
      "have",    "had",     "lie",       "lies",     "exceed", "exceeds", "occupy", "occupies",
      "differ",  "differs", "shouldn't", "wouldn't", "touches"};
  for (const std::string_view verb : kVerbs) {
    if (at.is(verb)) return true;
  }
  // Words that are nouns too: "aluminium can", "missing cover".
  const auto followed_by = [&](std::initializer_list<std::string_view> words) {
    Cursor next = at;
    next.advance();
    for (const std::string_view word : words) {
      if (next.is(word)) return true;
    }
    return false;
  };
  if (at.is("can") || at.is("will"))
    return followed_by({"be", "not", "never", "have", "exceed", "lie", "only", "cover"});
  if (at.is("touch")) return followed_by({"the", "its", "an", "any"});
  if (at.is("cover") || at.is("covers")) {
    Cursor next = at;
    next.advance();
    return begins_complement(next);
  }
  return false;
}

}  // namespace anomalyvlm::prompts
