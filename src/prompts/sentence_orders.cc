// Sentences that begin with what becomes of regions, and those that begin with "no".
#include "prompts/judgement.h"
#include "prompts/quantities.h"

namespace anomalyvlm::prompts {
namespace {

using Rules = std::vector<Rule>;

bool accept_border_word(Cursor& at) {
  return at.accept_any({"border", "borders", "margin", "edge", "edges", "rim", "frame"});
}

// "the border of 10 px", "the 10 px border", "the outer 10 px", "10 px at the edge"
std::optional<Rules> accept_border(Cursor& at) {
  const int start = at.position();
  at.accept_any({"the", "a", "an"});
  const bool outer = at.accept_any({"outer", "outermost"});
  const bool named = accept_border_word(at) && at.accept_any({"of", "within"});
  Cursor number = at;
  if (accept_number(number)) {
    const Measure width = parse_measure(at);
    at.accept_any({"wide", "width", "at", "along", "around"});
    at.accept_any({"the", "a"});
    const bool behind = accept_border_word(at);
    at.accept_any({"of the image", "of the picture", "of the object", "around the object"});
    if (outer || named || behind)
      return rules_of(at, Quantity::kEdgeDistance, {{Comparison::kAtLeast, width}});
  }
  at.rewind(start);
  return std::nullopt;
}

bool try_places(Cursor& at, HybridPrompt& prompt, Fate fate) {
  if (fate != Fate::kIgnored) return false;
  if (begins_place(at)) {
    add_rules(prompt, at, {parse_place(at, Comparison::kOutside, 0.5)}, {});
    return true;
  }
  auto border = accept_border(at);
  if (border) add_rules(prompt, at, std::move(*border), {});
  return border.has_value();
}

bool try_best(Cursor& at, HybridPrompt& prompt, Fate fate) {
  if (fate != Fate::kKept) return false;
  const int start = at.position();
  at.accept("the");
  if (accept_region_count(at, prompt)) return true;
  at.rewind(start);
  return false;
}

// After "There must be no scratches longer than 60 px", "No scratches longer than 60 px" and the like.
void finish_none(Cursor& at, HybridPrompt& prompt, const Subject& subject, bool demanded) {
  const int first = at.position();
  const std::string kinds = text_of(at.sentence(), subject.first, subject.last);
  if (at.at_end() && !demanded) {
    at.fail_from(subject.first - 1, "this can be read in two ways: write \"" + kinds +
                                        "\" alone to look for them; what is not named is not looked for");
  }
  if (at.at_end()) return add_judged_kinds(prompt, at, Fate::kFails, subject);
  Rules rules = parse_restriction(at);
  if (const auto fate = accept_fate(at))
    return add_judged(prompt, at, opposite(*fate), subject, first, rules);
  const Rules left = negated(at, first, rules);
  if (!bounds_size_above(left[0])) return add_rules(prompt, at, left, subject.kinds);
  if (!demanded) ask_reading(at, first, subject, left[0]);
  add_judged(prompt, at, Fate::kFails, subject, first, std::move(rules));
}

}  // namespace

// "Reject parts with scratches longer than 60 px"
void accept_parts_with(Cursor& at) {
  const int start = at.position();
  at.accept_any({"all", "any", "every", "each", "a", "the"});
  const bool part = at.accept_any({"parts", "part", "products", "product", "pieces", "piece", "items", "item",
                                   "samples", "sample", "images", "image"});
  if (part && at.accept_any({"with", "having", "that have", "which have", "showing", "that show",
                             "containing", "that contain"}))
    return;
  at.rewind(start);
}

// "Ignore anomalies smaller than 20 px", "Reject scratches longer than 60 px", "Do not report ..."
bool try_order(Cursor& at, HybridPrompt& prompt) {
  const auto fate = accept_order(at);
  if (!fate) return false;
  at.accept(":");
  if (try_places(at, prompt, *fate) || try_best(at, prompt, *fate)) return true;
  accept_parts_with(at);
  const Subject subject = parse_subject(at);
  const int first = at.position();
  if (at.at_end() && *fate == Fate::kKept)
    at.fail("say which are to be kept, as in \"Keep anomalies longer than 20 px\"");
  if (at.at_end() && *fate != Fate::kFails)
    at.fail("say which are to be ignored, as in \"Ignore anomalies smaller than 20 px\"");
  if (at.at_end()) {
    add_judged_kinds(prompt, at, *fate, subject);
    return true;
  }
  add_judged(prompt, at, *fate, subject, first, parse_restriction(at));
  return true;
}

// "No crack is longer than 20 px", "There must be no cracks longer than 20 px", "No scratches are allowed"
bool try_none(Cursor& at, HybridPrompt& prompt) {
  const int start = at.position();
  if (at.accept_any({"without", "free of", "free from"})) {
    at.fail_from(
        start,
        "this can be read in two ways: name these defects alone to look for them, or leave them out if "
        "they are not to be looked for");
  }
  const bool demanded = at.accept_any({"there must be no", "there shall be no", "there should be no",
                                       "there may be no", "there must not be any", "there shall not be any"});
  if (!demanded && !at.accept_any({"no", "there are no", "there is no"})) return false;
  if (!is_word(at) || is_rule_word(at.peek().text)) {
    at.rewind(start);
    return false;  // "no more than five abnormal regions"
  }
  const Subject subject = parse_subject(at);
  if (const auto fate = accept_fate(at)) {
    add_judged_kinds(prompt, at, opposite(*fate), subject);
  } else if (begins_predicate(at)) {
    const int first = at.position();
    Statement statement = parse_statement(at);
    statement.rules = negated(at, first, std::move(statement.rules));
    statement.said.negated = !statement.said.negated;
    if (statement.said.mood == Mood::kPermits) statement.said.mood = Mood::kDemands;  // "no crack may be ..."
    if (bounds_size_above(statement.rules[0]) && statement.said.mood == Mood::kDescribes)
      ask_reading(at, first, subject, statement.rules[0]);
    add_statement(prompt, at, subject, std::move(statement));
  } else {
    finish_none(at, prompt, subject, demanded);
  }
  return true;
}

}  // namespace anomalyvlm::prompts
