// Sentences: which kind one is, and what it sets. docs/PROMPTS.md has the table.
#include <algorithm>
#include <array>
#include <cmath>

#include "core/check.h"
#include "prompts/grammar.h"

namespace anomalyvlm::prompts {
namespace {

constexpr int kLongestPhrase = 6;  // words

bool is_word(const Cursor& at) { return at.peek().kind == Token::Kind::kWord; }
bool accept_article(Cursor& at) {
  return at.accept_any({"a", "an", "the", "any", "some", "all", "every", "each"});
}
bool accept_comma_or_and(Cursor& at) { return at.accept_any({", and", ", or", "and/or", "and", "or", ","}); }

// One noun phrase: up to six words, or anything in quotation marks.
std::string parse_phrase(Cursor& at, const auto& ends) {
  if (at.peek().kind == Token::Kind::kQuoted) {
    const std::string phrase = normalised_phrase(at.peek().text);
    if (phrase.empty()) at.fail("there is nothing between these quotation marks");
    at.advance();
    return phrase;
  }
  accept_article(at);
  std::string phrase;
  int words = 0;
  while (is_word(at) && !at.is("and") && !at.is("or") && !ends(at)) {
    if (is_rule_word(at.peek().text)) at.fail("this word belongs to a rule, which was not understood");
    if (++words > kLongestPhrase)
      at.fail("a name of a defect has at most six words (or stands in quotation marks)");
    phrase += (phrase.empty() ? "" : " ") + normalised_phrase(at.peek().text);
    at.advance();
  }
  if (phrase.empty()) at.fail("expected the name of a defect or of an object here");
  return phrase;
}

std::vector<std::string> parse_phrase_list(Cursor& at, const auto& ends) {
  std::vector<std::string> phrases;
  do {
    if (at.at_end() && !phrases.empty()) break;  // "cracks, holes,"
    const std::string phrase = parse_phrase(at, ends);
    if (std::find(phrases.begin(), phrases.end(), phrase) == phrases.end()) phrases.push_back(phrase);
  } while (accept_comma_or_and(at));
  return phrases;
}

bool always_false(const Cursor&) { return false; }

void add_phrases(HybridPrompt& prompt, const std::vector<std::string>& phrases) {
  for (const std::string& phrase : phrases) {
    if (std::find(prompt.phrases.begin(), prompt.phrases.end(), phrase) == prompt.phrases.end()) {
      prompt.phrases.push_back(phrase);
    }
  }
}

bool ends_subject(const Cursor& at) {
  if (begins_predicate(at) || begins_complement(at)) return true;
  for (const char* word : {"that", "which", "located", "lying", "include", "includes"}) {
    if (at.is(word)) return true;
  }
  Cursor next = at;
  return next.accept("with") && begins_property(next);
}

// Whom a rule is for; empty for all.
std::vector<std::string> parse_subject(Cursor& at) {
  if (at.accept_any({"everything", "anything"})) return {};
  const std::vector<std::string> phrases = parse_phrase_list(at, ends_subject);
  return std::any_of(phrases.begin(), phrases.end(), is_any_anomaly) ? std::vector<std::string>() : phrases;
}

void add_rules(HybridPrompt& prompt, const Cursor& at, std::vector<Rule> rules,
               const std::vector<std::string>& phrases) {
  for (Rule& rule : rules) {
    rule.phrases = phrases;
    rule.text = at.sentence().source;
    prompt.rules.push_back(std::move(rule));
  }
}

// A list of names only. "Anomalies tiny" is no name, although each of its words might be in one.
bool is_phrase_list(const Sentence& sentence) {
  bool first = true;
  for (std::size_t i = 0; i < sentence.tokens.size(); ++i) {
    const Token& token = sentence.tokens[i];
    const bool comma = token.kind == Token::Kind::kSymbol && token.text == ",";
    if (token.kind == Token::Kind::kNumber || (token.kind == Token::Kind::kSymbol && !comma)) return false;
    if (token.kind != Token::Kind::kWord) {
      first = comma;
      continue;
    }
    if (is_rule_word(token.text)) return false;
    const Token& next = sentence.tokens[i + 1];
    constexpr std::array<std::string_view, 15> kAfterNoun = {"and",  "or",      "on",    "in",   "of",
                                                             "near", "with",    "along", "from", "around",
                                                             "at",   "without", "under", "over", "across"};
    const bool name_follows = next.kind == Token::Kind::kWord &&
                              std::find(kAfterNoun.begin(), kAfterNoun.end(), next.text) == kAfterNoun.end();
    if (first && is_plural_anomaly(token.text) && name_follows) return false;
    first = false;
  }
  return true;
}

// --- the number of regions

struct Count {
  std::vector<Bound> bounds;  // empty for a bare number
  double number = 0;
};

int whole_number(const Cursor& at, int first, double number) {
  if (number != std::floor(number) || number > 1e6) at.fail_from(first, "expected a whole number of regions");
  if (number < 1) at.fail_from(first, "at least one region must be allowed");
  return static_cast<int>(number);
}

int max_regions_of(const Cursor& at, int first, const Count& count) {
  if (count.bounds.empty()) return whole_number(at, first, count.number);
  for (const Bound& bound : count.bounds) {
    if (bound.measure.unit != MeasureUnit::kNone) at.fail_from(first, "a number of regions has no unit");
  }
  const Bound& last = count.bounds.back();
  const bool exactly = count.bounds.size() == 2 && count.bounds[0].measure.value == last.measure.value;
  if ((count.bounds.size() == 2 && !exactly) || last.comparison == Comparison::kAtLeast ||
      last.comparison == Comparison::kGreater) {
    at.fail_from(first,
                 "only the largest number of regions can be given, as in \"at most five abnormal regions\"");
  }
  return whole_number(
      at, first,
      last.comparison == Comparison::kLess ? std::ceil(last.measure.value) - 1 : last.measure.value);
}

void accept_count_end(Cursor& at) {
  at.accept_any(
      {"per image", "per picture", "in the image", "in each image", "in an image", "in total", "overall"});
  at.accept_any({"are kept", "is kept", "are expected", "is expected", "are allowed", "is allowed", "exist",
                 "are present"});
}

bool ends_noun(const Cursor& at) {
  return at.is("with") || at.is("per") || at.is("in") || at.is("at most") || at.is("overall") ||
         begins_predicate(at) || at.is("exist");
}

// After the number: "abnormal regions", then nothing of importance.
void finish_count(Cursor& at, HybridPrompt& prompt, int first, Count count) {
  if (count.bounds.empty()) at.accept_any({"or fewer", "or less"});
  at.accept_any({"best", "highest", "top", "most anomalous", "highest-scoring"});
  const int noun = at.position();
  if (!is_word(at)) at.fail("expected \"abnormal regions\" here");
  if (is_rule_word(at.peek().text)) at.fail("expected \"abnormal regions\" here");
  const std::string phrase = parse_phrase(at, ends_noun);
  if (!is_any_anomaly(phrase)) {
    at.fail_from(noun,
                 "only the number of all \"abnormal regions\" can be limited (a name with a number stands in "
                 "quotation marks)");
  }
  if (count.bounds.empty()) at.accept("at most");
  prompt.max_regions = max_regions_of(at, first, count);
  accept_count_end(at);
}

std::optional<Count> accept_count(Cursor& at) {
  const int start = at.position();
  at.accept("only");
  Count count;
  if (auto bounds = accept_bounds(at)) {
    count.bounds = *bounds;
    return count;
  }
  if (at.accept("single")) {
    count.number = 1;
    return count;
  }
  if (const auto number = accept_number(at)) {
    count.number = *number;
    return count;
  }
  at.rewind(start);
  return std::nullopt;
}

bool is_bare(const Count& count) {
  return std::all_of(count.bounds.begin(), count.bounds.end(), [](const Bound& bound) {
    return bound.measure.unit == MeasureUnit::kNone && bound.measure.relation == Relation::kNone;
  });
}

// Sentences that begin with a number or a bound: a count, or a rule for all ("At least 20 px long").
bool try_count_or_bound(Cursor& at, HybridPrompt& prompt) {
  const int first = at.position();
  if (at.accept("any number of")) {
    parse_phrase(at, ends_noun);
    accept_count_end(at);
    prompt.max_regions = 0;
    return true;
  }
  const auto count = accept_count(at);
  if (!count) return false;
  if (is_bare(*count) && (is_word(at) || at.at_end()) && !begins_complement(at) && !at.is("long") &&
      !at.is("wide")) {
    finish_count(at, prompt, first, *count);
    return true;
  }
  at.rewind(first);
  add_rules(prompt, at, parse_complements(at), {});
  return true;
}

// --- the object and the image

bool try_pixel_size(Cursor& at, HybridPrompt& prompt) {
  const bool begins =
      at.accept_any({"a pixel is", "one pixel is", "each pixel is", "every pixel is", "the pixel size is",
                     "pixel size is", "the size of a pixel is", "a pixel measures", "one pixel measures"});
  if (!begins) return false;
  const int first = at.position();
  const Measure measure = parse_measure(at);
  if (measure.unit != MeasureUnit::kMm || !(measure.value > 0)) {
    at.fail_from(first, "the size of a pixel is a length above 0, as in \"A pixel is 0.05 mm wide\"");
  }
  at.accept_any({"wide", "large", "across", "long"});
  prompt.pixel_size_mm = measure.value;
  return true;
}

bool try_object(Cursor& at, HybridPrompt& prompt) {
  if (!at.accept_any({"the object is", "the inspected object is", "the product is", "the part is"}))
    return false;
  prompt.object = parse_phrase(at, always_false);
  return true;
}

// "4 similar candles, with a maximum of 1 anomaly", "a hazelnut", "at most five anomalies"
void parse_contents(Cursor& at, HybridPrompt& prompt) {
  const int first = at.position();
  Count count;
  if (const auto found = accept_count(at)) {
    count = *found;
  } else if (at.accept_any({"a", "an", "the"})) {
    count.number = 1;
  } else {
    at.fail("expected a number here, as in \"the image shows 4 candles\" or \"at most five anomalies\"");
  }
  at.accept_any({"similar", "dissimilar", "identical", "different"});
  Cursor ahead = at;
  const std::string noun = is_word(at) ? parse_phrase(ahead, ends_noun) : std::string();
  if (!count.bounds.empty() || is_any_anomaly(noun)) {
    finish_count(at, prompt, first, count);
    return;
  }
  prompt.object = parse_phrase(at, ends_noun);
  prompt.object_count = whole_number(at, first, count.number);
  at.accept_any({"in the image", "per image"});
  const int comma = at.position();
  at.accept(",");
  if (!at.accept("with")) {
    at.rewind(comma);
    return;
  }
  const int limit = at.position();
  const auto regions = accept_count(at);
  if (!regions) at.fail("expected a number here, as in \"a maximum of 5 anomalies\"");
  finish_count(at, prompt, limit, *regions);
}

bool try_image(Cursor& at, HybridPrompt& prompt) {
  const int start = at.position();
  if (at.accept("there")) {
    at.accept_any({"must", "should", "may", "can", "will", "would"});
    at.expect({"is", "are", "be"}, "expected \"is\" or \"are\" here");
    const int first = at.position();
    const auto count = accept_count(at);
    if (!count) at.fail("expected a number here, as in \"There are at most five abnormal regions\"");
    finish_count(at, prompt, first, *count);
    return true;
  }
  accept_article(at);
  if (!at.accept_any({"image", "picture", "photo", "images"})) {
    at.rewind(start);
    return false;
  }
  if (at.accept("of"))
    parse_phrase(at,
                 [](const Cursor& c) { return begins_predicate(c) || c.is("shows") || c.is("contains"); });
  at.expect({"has", "have", "shows", "show", "contains", "contain"}, "expected \"shows\" or \"has\" here");
  parse_contents(at, prompt);
  return true;
}

// --- rules with a verb in front, or a property

std::vector<Rule> parse_restriction(Cursor& at) {
  if (at.accept_any({"that", "which"})) return parse_predicate(at);
  if (at.accept("with")) return parse_properties(at);
  at.accept_any({"located", "lying"});
  return parse_complements(at);
}

bool try_ignore(Cursor& at, HybridPrompt& prompt) {
  if (!at.accept_any({"ignore", "remove", "exclude", "discard", "reject", "disregard", "filter out"}))
    return false;
  const std::vector<std::string> subject = parse_subject(at);
  const int first = at.position();
  if (at.at_end()) at.fail("say which are to be ignored, as in \"Ignore anomalies smaller than 20 px\"");
  add_rules(prompt, at, negated(at, first, parse_restriction(at)), subject);
  return true;
}

bool try_keep(Cursor& at, HybridPrompt& prompt) {
  if (!at.accept("keep")) return false;
  at.accept("only");
  const int start = at.position();
  at.accept("the");
  const int first = at.position();
  if (const auto count = accept_count(at)) {
    finish_count(at, prompt, first, *count);
    return true;
  }
  at.rewind(start);
  const std::vector<std::string> subject = parse_subject(at);
  if (at.at_end()) at.fail("say which are to be kept, as in \"Keep anomalies longer than 20 px\"");
  add_rules(prompt, at, parse_restriction(at), subject);
  return true;
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
  if (at.accept("of")) subject = parse_subject(at);
  if (!begins_predicate(at)) {
    at.rewind(start);
    return false;
  }
  const int first = at.position();
  at.accept_any({"must", "should", "shall", "will", "would", "can", "may"});
  bool inverted = at.accept("not");
  std::vector<Rule> rules;
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

bool try_phrases(Cursor& at, HybridPrompt& prompt) {
  const bool asked = at.accept_any({"look for", "search for", "find", "detect"});
  if (!asked && (at.is("any number of") || !is_phrase_list(at.sentence()))) return false;
  Cursor single = at;
  single.accept("a");
  if (!asked && single.accept("single") && is_word(single) &&
      is_any_anomaly(parse_phrase(single, always_false)))
    return false;
  add_phrases(prompt, parse_phrase_list(at, always_false));
  return true;
}

void parse_rule(Cursor& at, HybridPrompt& prompt) {
  if (begins_complement(at)) return add_rules(prompt, at, parse_complements(at), {});
  const std::vector<std::string> subject = parse_subject(at);
  if (at.accept(":") || at.accept_any({"include", "includes"}))
    return add_phrases(prompt, parse_phrase_list(at, always_false));
  if (begins_predicate(at)) return add_rules(prompt, at, parse_predicate(at), subject);
  at.fail("expected a verb here, such as \"are\", \"have\", \"exceed\" or \"lie\"");
}

}  // namespace

std::vector<std::string> parse_phrases(Cursor& at) { return parse_phrase_list(at, always_false); }

void parse_sentence(const Sentence& sentence, HybridPrompt& prompt) {
  Cursor at(sentence, prompt.object);
  const bool known = try_ignore(at, prompt) || try_keep(at, prompt) || try_phrases(at, prompt) ||
                     try_pixel_size(at, prompt) || try_object(at, prompt) || try_image(at, prompt) ||
                     try_property(at, prompt) || try_count_or_bound(at, prompt);
  if (!known) parse_rule(at, prompt);
  at.expect_end();
}

}  // namespace anomalyvlm::prompts

namespace anomalyvlm {

HybridPrompt parse_prompt_text(std::string_view english) {
  HybridPrompt prompt;
  for (const prompts::Sentence& sentence : prompts::split_sentences(english))
    prompts::parse_sentence(sentence, prompt);
  prompts::check_values(prompt);
  return prompt;
}

}  // namespace anomalyvlm
