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
  const bool named = (at.accept_any({"edge zone", "border zone"}) || accept_border_word(at)) &&
                     at.accept_any({"of", "within"});
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
  Condition said = parse_restriction(at);
  if (const auto fate = accept_fate(at))
    return add_judged(prompt, at, opposite(*fate), subject, first, std::move(said));
  Condition left = negated(at, first, said);
  if (!bounds_size_above(left.rules[0]))
    return add_rules(prompt, at, all_of(at, first, std::move(left)), subject.kinds);
  if (!demanded) ask_reading(at, first, subject, left.rules[0]);
  add_judged(prompt, at, Fate::kFails, subject, first, std::move(said));
}

// "The surface shall be free of cracks": what stands in front says of what.
bool try_free_of(Cursor& at, HybridPrompt& prompt) {
  Cursor ahead = at;
  while (is_word(ahead) && !ahead.is("free") && !ahead.is("not") && !ahead.is("no") && !ahead.is("if"))
    ahead.advance();
  if (ahead.position() == at.position() || !ahead.accept_any({"free of", "free from"})) return false;
  at.rewind(ahead.position());
  at.accept_any({"any", "all", "visible"});
  add_judged(prompt, at, Fate::kFails, parse_selections(at));
  return true;
}

}  // namespace

// "Ignore anomalies smaller than 20 px", "Reject scratches longer than 60 px", "Do not report ..."
bool try_order(Cursor& at, HybridPrompt& prompt) {
  const int start = at.position();
  auto fate = accept_treatment(at);
  const bool treated = fate.has_value();
  if (!fate) fate = accept_order(at);
  if (!fate) return false;
  at.accept(":");
  if (try_places(at, prompt, *fate) || try_best(at, prompt, *fate)) return true;
  const int behind = at.position();
  if (accept_parts_with(at)) {
    Cursor order = at;
    order.rewind(behind);
    fate = fate_of_parts(order, start, *fate);
  }
  refuse_count(at);
  const std::vector<Selection> selections = parse_selections(at);
  if (treated && at.accept("as")) accept_named_fate(at);
  const Selection& only = selections.front();
  if (!only.said && add_proviso(at, prompt, *fate, only.subject)) return true;
  if (!only.said && *fate == Fate::kKept)
    at.fail("say which are to be kept, as in \"Keep anomalies longer than 20 px\"");
  if (!only.said && *fate != Fate::kFails)
    at.fail("say which are to be ignored, as in \"Ignore anomalies smaller than 20 px\"");
  add_judged(prompt, at, *fate, selections);
  return true;
}

// "The outer 10 px are not inspected", "A border of 10 px is ignored"
bool try_border(Cursor& at, HybridPrompt& prompt) {
  const int start = at.position();
  auto border = accept_border(at);
  const auto fate = border ? accept_fate(at) : std::nullopt;
  if (fate == Fate::kIgnored) add_rules(prompt, at, std::move(*border), {});
  if (fate != Fate::kIgnored) at.rewind(start);
  return fate == Fate::kIgnored;
}

// "No crack is longer than 20 px", "There must be no cracks longer than 20 px", "No scratches are allowed"
bool try_none(Cursor& at, HybridPrompt& prompt) {
  if (try_free_of(at, prompt)) return true;
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
    statement.said = negated(at, first, std::move(statement.said));
    auto& [mood, negative] = statement.auxiliary;
    negative = !negative;
    if (mood == Mood::kPermits) mood = Mood::kDemands;  // "no crack may be ..."
    if (bounds_size_above(statement.said.rules[0]) && mood == Mood::kDescribes)
      ask_reading(at, first, subject, statement.said.rules[0]);
    add_statement(prompt, at, subject, std::move(statement));
  } else {
    finish_none(at, prompt, subject, demanded);
  }
  return true;
}

}  // namespace anomalyvlm::prompts
