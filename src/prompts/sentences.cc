// Sentences: which kind one is, and what it sets. docs/PROMPTS.md has the table.
#include <algorithm>

#include "core/check.h"
#include "prompts/grammar.h"

namespace anomalyvlm::prompts {
namespace {

using Rules = std::vector<Rule>;

void add_phrases(HybridPrompt& prompt, const std::vector<std::string>& phrases) {
  for (const std::string& phrase : phrases) {
    if (std::find(prompt.phrases.begin(), prompt.phrases.end(), phrase) == prompt.phrases.end()) {
      prompt.phrases.push_back(phrase);
    }
  }
}

bool begins_restriction(const Cursor& at) {
  if (begins_complement(at)) return true;
  for (const char* word : {"that", "which", "located", "lying"}) {
    if (at.is(word)) return true;
  }
  Cursor next = at;
  return next.accept("with") && begins_property(next);
}

bool ends_subject(const Cursor& at) {
  return begins_predicate(at) || begins_restriction(at) || at.is("include") || at.is("includes");
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

bool try_ignore(Cursor& at, HybridPrompt& prompt) {
  if (!at.accept_any({"ignore", "remove", "exclude", "discard", "reject", "disregard", "filter out"}))
    return false;
  if (begins_place(at)) {
    add_rules(prompt, at, {parse_place(at, Comparison::kOutside, 0.5)}, {});
    return true;
  }
  const std::vector<std::string> subject = parse_subject(at);
  const int first = at.position();
  if (at.at_end()) at.fail("say which are to be ignored, as in \"Ignore anomalies smaller than 20 px\"");
  add_rules(prompt, at, negated(at, first, parse_restriction(at)), subject);
  return true;
}

bool try_keep(Cursor& at, HybridPrompt& prompt) {
  if (!at.accept_any({"keep only", "only keep", "keep"})) return false;
  const int start = at.position();
  at.accept("the");
  if (accept_region_count(at, prompt)) return true;
  at.rewind(start);
  const std::vector<std::string> subject = parse_subject(at);
  if (at.at_end()) at.fail("say which are to be kept, as in \"Keep anomalies longer than 20 px\"");
  add_rules(prompt, at, parse_restriction(at), subject);
  return true;
}

// "area < 5%", "minimum confidence: 0.3"
bool begins_value(const Cursor& at) {
  Cursor next = at;
  next.accept_any({":", "of"});
  return next.peek().kind == Token::Kind::kNumber || begins_complement(next);
}

// "The area of cracks is at most 5%", "The minimum confidence is 0.3"
bool try_property(Cursor& at, HybridPrompt& prompt) {
  if (!begins_property(at)) return false;
  const int start = at.position();
  at.accept_any({"a", "an", "the", "their"});
  std::optional<Comparison> side;
  if (at.accept_any({"maximum", "max", "largest", "maximal"})) side = Comparison::kAtMost;
  if (at.accept_any({"minimum", "min", "smallest", "minimal"})) side = Comparison::kAtLeast;
  const Quantity quantity = *accept_quantity_noun(at);
  std::vector<std::string> subject;
  if (begins_value(at)) {
    at.accept_any({":", "of"});
    add_rules(prompt, at, parse_bound_value(at, quantity, side), {});
    return true;
  }
  if (at.accept("of")) subject = parse_subject(at);
  if (!begins_predicate(at)) {
    at.rewind(start);
    return false;
  }
  const int first = at.position();
  at.accept_any({"must", "should", "shall", "will", "would", "can", "may", "do", "does"});
  bool inverted = at.accept("not") || at.accept("cannot");
  Rules rules;
  if (at.accept_any({"exceed", "exceeds"})) {
    rules = rules_of(at, quantity, {{Comparison::kGreater, parse_measure(at)}});
  } else {
    at.expect({"is", "are", "be"}, "expected \"is\" here");
    inverted = at.accept("not") || inverted;
    rules = parse_bound_value(at, quantity, side);
  }
  if (inverted) rules = negated(at, first, std::move(rules));
  add_rules(prompt, at, std::move(rules), subject);
  return true;
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

bool try_phrases(Cursor& at, HybridPrompt& prompt) {
  const bool only = at.accept_any({"look only for", "only look for", "search only for", "only search for"});
  const bool asked = only || at.accept_any({"look for", "search for", "find", "detect"});
  if (asked && accept_region_count(at, prompt)) return true;
  if (!asked && (at.is("any number of") || !is_phrase_list(at.sentence()))) return false;
  Cursor single = at;
  single.accept("a");
  if (!asked && single.accept("single") && is_word(single) && is_any_anomaly(parse_phrase(single, never)))
    return false;
  add_phrases(prompt, parse_phrase_list(at, never));
  prompt.only_named = prompt.only_named || only;
  return true;
}

// "No crack is longer than 20 px", "There are no anomalies larger than 5%"
bool try_none(Cursor& at, HybridPrompt& prompt) {
  const int start = at.position();
  if (!at.accept_any({"no", "there are no", "there must be no", "there should be no"})) return false;
  const bool begins = is_word(at) && !is_rule_word(at.peek().text);
  const std::vector<std::string> subject = begins ? parse_subject(at) : std::vector<std::string>();
  const int first = at.position();
  if (!begins || at.at_end()) {
    at.rewind(start);
    if (!begins) return false;  // "no more than five abnormal regions"
    at.fail("say which there are none of, as in \"No anomaly is larger than 5%\"");
  }
  Rules rules = begins_predicate(at) ? parse_predicate(at) : parse_restriction(at);
  add_rules(prompt, at, negated(at, first, std::move(rules)), subject);
  return true;
}

// "Cracks shorter than 20 px are ignored", "Only cracks longer than 20 px are kept"
Rules parse_fate(Cursor& at) {
  const int first = at.position();
  Rules rules = parse_restriction(at);
  if (at.accept_any(
          {"are ignored", "is ignored", "are removed", "are rejected", "are discarded", "do not count"}))
    return negated(at, first, std::move(rules));
  if (at.accept_any({"are kept", "is kept", "are accepted", "count"})) return rules;
  at.rewind(first);
  at.fail("expected a verb in front of this, such as \"are\" (or \"are ignored\" at the end)");
}

void parse_rule(Cursor& at, HybridPrompt& prompt) {
  if (begins_complement(at)) return add_rules(prompt, at, parse_complements(at), {});
  const int start = at.position();
  const bool only = at.accept("only");
  if (only && !is_word(at)) at.rewind(start);
  const std::vector<std::string> subject = parse_subject(at);
  if (!only && (at.accept(":") || at.accept_any({"include", "includes"})))
    return add_phrases(prompt, parse_phrase_list(at, never));
  if (!only && begins_predicate(at)) return add_rules(prompt, at, parse_predicate(at), subject);
  if (begins_restriction(at)) return add_rules(prompt, at, parse_fate(at), subject);
  at.fail("expected a verb here, such as \"are\", \"have\", \"exceed\" or \"lie\"");
}

void parse_sentence(const Sentence& sentence, HybridPrompt& prompt) {
  Cursor at(sentence, prompt.object);
  const bool known = try_only_named(at, prompt) || try_ignore(at, prompt) || try_keep(at, prompt) ||
                     try_look(at, prompt) || try_phrases(at, prompt) || try_none(at, prompt) ||
                     try_object_sentence(at, prompt) || try_property(at, prompt) ||
                     try_number_sentence(at, prompt);
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

std::vector<std::string> parse_subject(Cursor& at) {
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

std::vector<Rule> parse_restriction(Cursor& at) {
  if (at.accept_any({"that", "which"})) return parse_predicate(at);
  if (at.accept("with")) return parse_properties(at);
  at.accept_any({"located", "lying"});
  return parse_complements(at);
}

void parse_sentences(std::string_view english, HybridPrompt& prompt) {
  for (const Sentence& sentence : split_sentences(english)) parse_sentence(sentence, prompt);
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
