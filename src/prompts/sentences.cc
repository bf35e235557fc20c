// Sentences: which kind one is, and what it sets. docs/PROMPTS.md has the table.
#include <algorithm>

#include "core/check.h"
#include "prompts/judgement.h"
#include "prompts/phrase_match.h"

namespace anomalyvlm::prompts {
namespace {

using Rules = std::vector<Rule>;

bool begins_restriction(const Cursor& at) {
  if (begins_complement(at)) return true;
  for (const char* word : {"that", "which", "located", "lying", "exceeding", "not exceeding", "measuring"}) {
    if (at.is(word)) return true;
  }
  Cursor next = at;
  if (next.accept("of")) return begins_complement(next);
  return next.accept("with") && begins_property(next);
}

bool begins_fate(Cursor at) { return accept_fate(at).has_value(); }

bool ends_subject(const Cursor& at) {
  return begins_predicate(at) || begins_restriction(at) || begins_fate(at) || at.is("include") ||
         at.is("includes");
}

// The names of a subject; none where any anomaly is meant.
std::vector<std::string> parse_kinds(Cursor& at) {
  if (at.accept_any({"everything", "anything"})) return {};
  const int first = at.position();
  const std::vector<std::string> phrases = parse_phrase_list(at, ends_subject);
  for (const std::string& phrase : phrases) {
    // A rule for "anomlies" would be met by everything.
    const std::string_view near = nearest_anomaly_word(phrase);
    if (!near.empty()) at.fail_from(first, "did you mean \"" + std::string(near) + "\"?");
  }
  return std::any_of(phrases.begin(), phrases.end(), is_any_anomaly) ? std::vector<std::string>() : phrases;
}

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
  if (!ahead.accept_any({"look only", "only look", "search only", "only search", "look", "search"}))
    return false;
  if (!ahead.is("inside") && !ahead.is("outside") && !ahead.is("within") && !ahead.is("in")) return false;
  at.rewind(ahead.position());
  add_rules(prompt, at, parse_complements(at), {});
  return true;
}

// "Find scratches", "Find scratches longer than 20 px"
void parse_sought(Cursor& at, HybridPrompt& prompt) {
  std::vector<std::string> kinds = parse_phrase_list(at, ends_subject);
  add_phrases(prompt, kinds);
  if (at.at_end()) return;
  if (std::any_of(kinds.begin(), kinds.end(), is_any_anomaly)) kinds.clear();
  add_rules(prompt, at, parse_restriction(at), kinds);
}

bool try_phrases(Cursor& at, HybridPrompt& prompt) {
  const bool only =
      at.accept_any({"look only for", "only look for", "search only for", "only search for", "find only",
                     "only find", "detect only", "only detect", "show only", "only show"});
  const bool asked = only || at.accept_any({"look for", "search for", "find", "detect"});
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
void parse_restricted(Cursor& at, HybridPrompt& prompt, const Subject& subject) {
  const int first = at.position();
  Rules rules = parse_restriction(at);
  const int end = at.position();
  std::optional<Fate> fate = accept_fate(at);
  if (!fate && at.accept(":")) fate = accept_order(at);
  if (fate && at.at_end()) return add_judged(prompt, at, *fate, subject, first, std::move(rules));
  at.rewind(end);
  if (!at.at_end()) at.fail("expected what becomes of these, such as \"are rejected\" or \"are ignored\"");
  const std::string whole = text_of(at.sentence(), subject.first, end);
  at.rewind(first);
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
  const auto fate = accept_fate(start);
  if (!fate) return false;
  at.rewind(colon + 1);
  const Subject subject = parse_subject(at);
  const int first = at.position();
  if (at.at_end()) {
    add_judged_kinds(prompt, at, *fate, subject);
  } else {
    add_judged(prompt, at, *fate, subject, first, parse_restriction(at));
  }
  return true;
}

void parse_rule(Cursor& at, HybridPrompt& prompt) {
  if (begins_complement(at)) return add_rules(prompt, at, parse_complements(at), {});
  const int start = at.position();
  const bool only = at.accept("only");
  if (only && !is_word(at)) at.rewind(start);
  accept_parts_with(at);
  const Subject subject = parse_subject(at);
  if (!only && (at.accept(":") || at.accept_any({"include", "includes"})))
    return add_phrases(prompt, parse_phrase_list(at, never));
  if (const auto fate = accept_fate(at)) {
    add_judged_kinds(prompt, at, *fate, subject);
    prompt.only_named = prompt.only_named || only;
    return;
  }
  if (!only && begins_predicate(at)) return add_statement(prompt, at, subject, parse_statement(at));
  if (begins_restriction(at)) return parse_restricted(at, prompt, subject);
  at.fail("expected a verb here, such as \"are\", \"have\", \"exceed\" or \"lie\"");
}

void parse_sentence(const Sentence& sentence, HybridPrompt& prompt) {
  Cursor at(sentence, prompt.object);
  const bool known = try_only_named(at, prompt) || try_order(at, prompt) || try_none(at, prompt) ||
                     try_look(at, prompt) || try_phrases(at, prompt) || try_object_sentence(at, prompt) ||
                     try_property(at, prompt) || try_number_sentence(at, prompt) || try_heading(at, prompt);
  if (!known) parse_rule(at, prompt);
  at.expect_end();
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
  for (const std::string& phrase : phrases) {
    const bool known = std::any_of(prompt.phrases.begin(), prompt.phrases.end(),
                                   [&](const std::string& named) { return same_name(named, phrase); });
    if (!known) prompt.phrases.push_back(phrase);
  }
}

Subject parse_subject(Cursor& at) {
  Subject subject;
  subject.first = at.position();
  subject.kinds = parse_kinds(at);
  subject.last = at.position();
  return subject;
}

std::vector<Rule> parse_restriction(Cursor& at) {
  const int first = at.position();
  if (at.accept_any({"that", "which"})) return parse_predicate(at);
  if (at.accept("with")) return parse_properties(at);
  if (at.accept("exceeding")) return bounded_rules(at, {{Comparison::kGreater, parse_measure(at)}});
  if (at.accept("not exceeding")) return bounded_rules(at, {{Comparison::kAtMost, parse_measure(at)}});
  at.accept_any({"located", "lying", "measuring", "of"});
  if (at.at_end()) at.fail_from(first, "expected a bound behind this, such as \"longer than 20 px\"");
  return parse_complements(at);
}

void parse_sentences(std::string_view english, HybridPrompt& prompt) {
  for (const Sentence& sentence : split_sentences(english)) parse_sentence(sentence, prompt);
  check_criteria(prompt);
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
