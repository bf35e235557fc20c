// Sentences: which kind one is, and what it sets. docs/PROMPTS.md has the table.
#include <algorithm>
#include <iterator>
#include <utility>

#include "core/check.h"
#include "prompts/judgement.h"
#include "prompts/phrase_match.h"

namespace anomalyvlm::prompts {
namespace {

using Rules = std::vector<Rule>;

// "Nothing else counts.", "Ignore everything else."
bool try_only_named(Cursor& at, HybridPrompt& prompt) {
  const bool said = at.accept_any({"nothing else counts",       "nothing else is reported",
                                   "nothing else is kept",      "nothing else",
                                   "only these count",          "only these are kept",
                                   "only these are reported",   "only these defects count",
                                   "only these kinds count",    "only the named ones count",
                                   "only what is named counts", "look for nothing else",
                                   "report nothing else",       "keep nothing else",
                                   "ignore everything else",    "ignore anything else",
                                   "ignore all else",           "ignore all others",
                                   "ignore all other defects",  "ignore all other anomalies",
                                   "ignore other defects",      "ignore other anomalies",
                                   "everything else is ignored"});
  prompt.only_named = prompt.only_named || said;
  return said;
}

// "Look only inside the rectangle 10, 20, 200, 180"
bool try_look(Cursor& at, HybridPrompt& prompt) {
  Cursor ahead = at;
  if (!ahead.accept_any({"look only", "only look", "search only", "only search", "inspect only",
                         "only inspect", "look", "search"}))
    return false;
  const bool place = begins_place(ahead);
  if (!place && !ahead.is("inside") && !ahead.is("outside") && !ahead.is("within") && !ahead.is("in"))
    return false;
  at.rewind(ahead.position());
  add_rules(prompt, at, place ? Rules{parse_place(at, Comparison::kInside, 0.5)} : parse_complements(at), {});
  return true;
}

// "Find scratches", "Find scratches longer than 20 px"
void parse_sought(Cursor& at, HybridPrompt& prompt) {
  const Subject subject = parse_subject(at);
  add_phrases(prompt, subject.kinds.empty() ? std::vector<std::string>{"defect"} : subject.kinds);
  if (at.at_end()) return;
  const int first = at.position();
  add_rules(prompt, at, all_of(at, first, parse_restriction(at)), subject.kinds);
}

bool try_phrases(Cursor& at, HybridPrompt& prompt) {
  const bool only =
      at.accept_any({"look only for", "only look for", "search only for", "only search for", "find only",
                     "only find", "detect only", "only detect", "show only", "only show"});
  const bool asked = only || at.accept_any({"look for", "search for", "inspect for", "check for", "watch for",
                                            "look out for", "watch out for", "find", "detect"});
  if (asked && accept_region_count(at, prompt)) return true;
  if (!asked && (at.is("any number of") || !is_phrase_list(at.sentence()))) return false;
  Cursor single = at;
  single.accept("a");
  if (!asked && single.accept("single") && is_word(single) && is_any_anomaly(parse_phrase(single, never)))
    return false;
  if (asked) {
    parse_sought(at, prompt);
  } else {
    add_phrases(prompt, parse_phrase_list(at, never));
  }
  prompt.only_named = prompt.only_named || only;
  return true;
}

// "Scratches longer than 60 px are rejected", "Only cracks longer than 20 px are kept"
// `parts`: of parts with them.
void parse_restricted(Cursor& at, HybridPrompt& prompt, bool parts) {
  const int start = at.position();
  const std::vector<Selection> selections = parse_selections(at);
  const int end = at.position();
  at.accept(",");
  std::optional<Fate> fate = accept_fate_of(at, parts);
  const int named = at.position();
  if (!fate && at.accept_any({":", "=", "-"})) fate = accept_named_fate(at);
  if (fate && parts) fate = fate_of_parts(at, named, *fate);
  if (fate) return add_judged(prompt, at, *fate, selections);
  at.rewind(end);
  if (!at.at_end()) at.fail("expected what becomes of these, such as \"are rejected\" or \"are ignored\"");
  const std::string whole = text_of(at.sentence(), start, end);
  at.rewind(selections.front().first);
  at.fail("expected a verb in front of this, or what becomes of these: write \"Not allowed: " + whole +
          "\" to report them as defects, or \"Ignore " + whole + "\" to leave them out");
}

// "Not acceptable: scratches longer than 60 px"
bool try_heading(Cursor& at, HybridPrompt& prompt) {
  const int colon = find_symbol(at.sentence(), ":");
  if (colon < 0) return false;
  Sentence heading = at.sentence();
  heading.tokens.resize(static_cast<std::size_t>(colon));
  heading.tokens.push_back({});
  Cursor start(heading);
  const auto fate = accept_named_fate(start);
  if (!fate || !start.at_end()) return false;
  at.rewind(colon + 1);
  const bool parts = accept_parts_with(at);
  refuse_count(at);
  add_judged(prompt, at, parts ? fate_of_parts(start, 0, *fate) : *fate, parse_selections(at));
  return true;
}

// "Defects: cracks, holes", "Cracks: not permitted", "Scratches: max. 60 px long"
void parse_listed(Cursor& at, HybridPrompt& prompt, const Subject& subject) {
  Cursor end = at;
  if (const auto fate = accept_named_fate(end)) {
    at.rewind(end.position());
    if (!add_proviso(at, prompt, *fate, subject)) add_judged_kinds(prompt, at, *fate, subject);
    return;
  }
  if (!begins_complement(at) && !begins_property(at) && !at.is("max") && !at.is("maximum") && !at.is("not"))
    return add_phrases(prompt, parse_phrase_list(at, never));
  Statement statement;
  statement.first = at.position();
  statement.auxiliary.mood = Mood::kUnclear;
  statement.said = begins_property(at) ? parse_properties(at) : parse_condition(at);
  add_statement(prompt, at, subject, std::move(statement));
}

void parse_rule(Cursor& at, HybridPrompt& prompt) {
  if (begins_complement(at)) return add_rules(prompt, at, parse_complements(at), {});
  const int start = at.position();
  const bool only = at.accept("only");
  if (only && !is_word(at)) at.rewind(start);
  const bool parts = accept_parts_with(at);
  if (parts) refuse_count(at);
  const int named = at.position();
  const Subject subject = parse_subject(at);
  if (!only && at.accept(":")) return parse_listed(at, prompt, subject);
  if (!only && at.accept_any({"include", "includes"}))
    return add_phrases(prompt, parse_phrase_list(at, never));
  if (const auto fate = accept_fate_of(at, parts)) {
    if (add_proviso(at, prompt, *fate, subject)) return;
    add_judged_kinds(prompt, at, *fate, subject);
    prompt.only_named = prompt.only_named || only;
    return;
  }
  if (!only && begins_predicate(at)) return add_statement(prompt, at, subject, parse_statement(at));
  if (!begins_restriction(at))
    at.fail("expected a verb here, such as \"are\", \"have\", \"exceed\" or \"lie\"");
  at.rewind(named);
  parse_restricted(at, prompt, parts);
}

void parse_sentence(const Sentence& sentence, HybridPrompt& prompt) {
  Cursor at(sentence, prompt.object);
  const bool known = try_only_named(at, prompt) || try_conditional(at, prompt) || try_part_has(at, prompt) ||
                     try_border(at, prompt) || try_order(at, prompt) || try_none(at, prompt) ||
                     try_look(at, prompt) || try_phrases(at, prompt) || try_object_sentence(at, prompt) ||
                     try_property(at, prompt) || try_number_sentence(at, prompt) || try_heading(at, prompt);
  if (!known) parse_rule(at, prompt);
  // "Scratches must not be longer than 60 px, and dents must not be wider than 5 px"
  while (!at.at_end()) {
    at.expect({", and", ", but", ",", "and", "but"}, "nothing more was expected here");
    const auto same = prompt.rules.empty() ? std::vector<std::string>() : prompt.rules.back().phrases;
    if (!try_order(at, prompt) && !try_property(at, prompt, same)) parse_rule(at, prompt);
  }
}

// The kinds that criteria and limits are for, but for those that the phrases take in.
std::vector<std::string> judged_phrases(const HybridPrompt& prompt) {
  std::vector<std::string> judged;
  const auto add = [&](const std::vector<std::string>& phrases) {
    std::copy_if(phrases.begin(), phrases.end(), std::back_inserter(judged), [&](const std::string& phrase) {
      return std::none_of(prompt.phrases.begin(), prompt.phrases.end(),
                          [&](const std::string& named) { return names_phrase(phrase, named); });
    });
  };
  for (const Rule& rule : prompt.rules)
    if (rule.criterion != 0) add(rule.phrases);
  for (const KindLimit& limit : prompt.kind_limits) add(limit.phrases);
  return judged;
}

}  // namespace

void add_rules(HybridPrompt& prompt, const Cursor& at, std::vector<Rule> rules,
               const std::vector<std::string>& phrases) {
  for (Rule& rule : rules) {
    rule.phrases = phrases;
    rule.text = at.sentence().source;
    prompt.rules.push_back(std::move(rule));
  }
}

void add_phrases(HybridPrompt& prompt, const std::vector<std::string>& phrases) {
  NameSet known(prompt.phrases);
  for (const std::string& phrase : phrases)
    if (known.add(phrase)) prompt.phrases.push_back(phrase);
}

std::vector<std::string> parse_next(const Sentence& sentence, HybridPrompt& prompt, NameSet& known) {
  // No sentence asks for the names that others give: those of this one are gathered apart.
  std::vector<std::string> before = std::exchange(prompt.phrases, {});
  try {
    parse_sentence(sentence, prompt);
  } catch (...) {
    prompt.phrases = std::move(before);
    throw;
  }
  std::vector<std::string> names = std::exchange(prompt.phrases, std::move(before));
  std::copy_if(names.begin(), names.end(), std::back_inserter(prompt.phrases),
               [&](const std::string& name) { return known.add(name); });
  return names;
}

void complete(HybridPrompt& prompt) {
  // "Cracks are not allowed. Scratches longer than 60 px are rejected."
  if (!prompt.phrases.empty()) add_phrases(prompt, judged_phrases(prompt));
  number_criteria(prompt);
}

void parse_sentences(std::string_view english, HybridPrompt& prompt) {
  NameSet known(prompt.phrases);
  for (const Sentence& sentence : split_sentences(english)) parse_next(sentence, prompt, known);
  complete(prompt);
}

}  // namespace anomalyvlm::prompts

namespace anomalyvlm {

HybridPrompt parse_prompt_text(std::string_view english) {
  HybridPrompt prompt;
  prompts::parse_sentences(english, prompt);
  prompts::check_values(prompt);
  return prompt;
}

}  // namespace anomalyvlm
