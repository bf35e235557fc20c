// Whom a sentence is about: names, and what regions of them must be like.
#include <algorithm>

#include "prompts/judgement.h"

namespace anomalyvlm::prompts {
namespace {

constexpr const char* kAnySize[] = {"of any length",
                                    "of any size",
                                    "of any kind",
                                    "of any type",
                                    "regardless of length",
                                    "regardless of size",
                                    "regardless of their length",
                                    "regardless of their size",
                                    "irrespective of length",
                                    "irrespective of size",
                                    "whatever their size",
                                    "whatever their length"};

bool accept_any_size(Cursor& at) {
  return std::any_of(std::begin(kAnySize), std::end(kAnySize),
                     [&](const char* words) { return at.accept(words); });
}

// "stains with a contrast of more than 10%": no bound on the area.
void refuse_property(const Cursor& at, const Subject& subject) {
  for (int i = subject.first; i < subject.last; ++i) {
    const std::string& word = at.sentence().tokens[static_cast<std::size_t>(i)].text;
    if (word == "with" || word == "having")
      at.fail_from(
          i,
          "this property is not known; known are area, length, width, diameter, aspect ratio, elongation, "
          "circularity, colour difference, hue and confidence");
  }
}

bool begins_fate(Cursor at) { return accept_fate(at).has_value(); }

bool ends_subject(const Cursor& at) {
  Cursor next = at;
  return begins_predicate(at) || begins_restriction(at) || begins_fate(at) || at.is("include") ||
         at.is("includes") || at.is("if") || at.is("when") || at.is("unless") || at.is("provided") ||
         accept_any_size(next);
}

// "scratch length" is not a kind of defect.
void refuse_measure(const Cursor& at, int first) {
  const Token& last = at.peek(-1);
  if (last.kind != Token::Kind::kWord) return;
  for (const char* measure : {"length", "width", "diameter", "thickness", "depth", "height"})
    if (last.text == measure)
      at.fail_from(
          first,
          "say it with the measure behind, as in \"scratches longer than 60 px\" (a name that ends in "
          "this word stands in quotation marks)");
}

// The names of a subject; none where any anomaly is meant.
std::vector<std::string> parse_kinds(Cursor& at) {
  if (at.accept_any({"everything", "anything"})) return {};
  const int first = at.position();
  const std::vector<std::string> phrases = parse_phrase_list(at, ends_subject);
  refuse_measure(at, first);
  for (const std::string& phrase : phrases) {
    // A rule for "anomlies" would be met by everything.
    const std::string_view near = nearest_anomaly_word(phrase);
    if (!near.empty()) at.fail_from(first, "did you mean \"" + std::string(near) + "\"?");
  }
  return std::any_of(phrases.begin(), phrases.end(), is_any_anomaly) ? std::vector<std::string>() : phrases;
}

// "(> 60 px)", "(length > 60 px)"
Condition parse_bracketed(Cursor& at) {
  Condition said = begins_property(at) ? parse_properties(at) : parse_condition(at);
  at.expect({")"}, "expected \")\" here");
  return said;
}

bool begins_bracketed(Cursor at) {
  return at.accept("(") && (begins_complement(at) || begins_property(at) || at.is("max") || at.is("min"));
}

}  // namespace

bool begins_restriction(const Cursor& at) {
  if (begins_complement(at) || at.peek().kind == Token::Kind::kNumber || begins_bracketed(at)) return true;
  for (const char* word : {"that", "which", "located", "lying", "exceeding", "not exceeding", "measuring",
                           "covering", "occupying"}) {
    if (at.is(word)) return true;
  }
  Cursor next = at;
  if (next.accept_any({"in", "on"})) return begins_place(next);
  if (next.accept("of"))
    return begins_complement(next) || begins_property(next) || next.peek().kind == Token::Kind::kNumber;
  return next.accept_any({"with", "having"}) && begins_property(next);
}

Condition parse_restriction(Cursor& at) {
  const int first = at.position();
  if (at.accept_any({"that", "which"})) return parse_statement(at).said;
  if (at.accept_any({"with", "having"})) return parse_properties(at);
  if (at.accept("exceeding")) return parse_exceeded(at, false);
  if (at.accept("not exceeding")) return negated(at, first, parse_exceeded(at, true));
  if (at.accept("(")) return parse_bracketed(at);
  Cursor behind = at;
  if (behind.accept("of") && begins_property(behind)) {
    at.advance();
    return parse_properties(at);
  }
  if (at.accept_any({"covering", "occupying"})) {
    if (auto bounds = accept_bounds(at)) return {rules_of(at, Quantity::kArea, *bounds)};
    at.fail("expected a comparison here, such as \"more than 5% of the image\"");
  }
  at.accept_any({"located", "lying", "measuring", "of"});
  if (at.at_end()) at.fail_from(first, "expected a bound behind this, such as \"longer than 20 px\"");
  return parse_condition(at);
}

Subject parse_subject(Cursor& at) {
  Subject subject;
  subject.first = at.position();
  subject.kinds = parse_kinds(at);
  subject.last = at.position();
  if (at.is("of")) refuse_property(at, subject);
  accept_any_size(at);
  return subject;
}

bool accept_part(Cursor& at) {
  const int start = at.position();
  at.accept_any({"a", "an", "the", "any", "all", "every", "each", "such", "those"});
  if (at.accept_any({"part",    "parts",    "product",   "products",   "piece",     "pieces",
                     "item",    "items",    "sample",    "samples",    "component", "components",
                     "unit",    "units",    "workpiece", "workpieces", "specimen",  "specimens",
                     "article", "articles", "image",     "images",     "object",    "objects"}))
    return true;
  if (!at.object().empty() && (at.accept(at.object() + "s") || at.accept(at.object()))) return true;
  at.rewind(start);
  return false;
}

// "Reject parts with scratches longer than 60 px"
bool accept_parts_with(Cursor& at) {
  const int start = at.position();
  if (accept_part(at)) {
    if (at.accept_any({"that", "which"})
            ? at.accept_any({"have", "has", "show", "shows", "contain", "contains", "exhibit", "exhibits"})
            : at.accept_any({"with", "having", "showing", "containing", "exhibiting"}))
      return true;
  }
  at.rewind(start);
  return false;
}

namespace {

// A clause that speaks of what was named before: "it is rejected", "are rejected", "reject it".
bool begins_back_reference(const Cursor& at) {
  for (const char* word : {"it", "they", "then", "the part", "the product", "parts", "as", "longer ones"})
    if (at.is(word)) return true;
  Cursor order = at, fate = at;
  return accept_order(order).has_value() || accept_fate(fate).has_value();
}

// A word that goes on with the condition.
bool continues_condition(const Cursor& at) {
  for (const char* word : {"not", "never", "located", "placed", "found", "mostly", "fully", "completely",
                           "wholly", "touch", "on", "in", "off", "different", "distinct"})
    if (at.is(word)) return true;
  Cursor color = at;
  return begins_complement(at) || begins_predicate(at) || begins_property(at) || accept_color(color);
}

// A name, and behind it the end or what is said of it.
bool begins_named_clause(Cursor at) {
  accept_article(at);
  bool named = false;
  while ((is_word(at) || at.peek().kind == Token::Kind::kQuoted) && !ends_subject(at)) {
    if (is_word(at) && is_rule_word(at.peek().text)) return false;
    named = true;
    at.advance();
    if (at.accept(",") || at.accept("and") || at.accept("or")) accept_article(at);
  }
  return named && (at.at_end() || ends_subject(at));
}

bool accept_next_subject(Cursor& at) {
  Cursor joint = at;
  if (!joint.accept_any({", and", ", or", ",", "and", "or"}) || begins_back_reference(joint) ||
      !begins_other_clause(joint))
    return false;
  at.rewind(joint.position());
  return true;
}

}  // namespace

bool begins_other_clause(const Cursor& at) {
  return begins_back_reference(at) || (!continues_condition(at) && begins_named_clause(at));
}

std::vector<Selection> parse_selections(Cursor& at) {
  std::vector<Selection> selections;
  do {
    Selection next;
    next.subject = parse_subject(at);
    next.first = at.position();
    if (begins_restriction(at)) next.said = parse_restriction(at);
    selections.push_back(std::move(next));
  } while (selections.back().said && accept_next_subject(at));
  for (const Selection& selection : selections) {
    if (selections.size() == 1 || !selection.said || selection.subject.kinds.size() < 2) continue;
    at.fail_from(
        selection.subject.first,
        "does the bound hold for all of these names, or for the last one? Give each a sentence of its own");
  }
  return selections;
}

void add_judged(HybridPrompt& prompt, const Cursor& at, Fate fate, const std::vector<Selection>& selections) {
  for (const Selection& selection : selections) {
    if (selection.said) {
      add_judged(prompt, at, fate, selection.subject, selection.first, *selection.said);
    } else {
      add_judged_kinds(prompt, at, fate, selection.subject);
    }
  }
}

}  // namespace anomalyvlm::prompts
