// Names of defects and objects, and lists of them.
#include <algorithm>
#include <array>

#include "prompts/grammar.h"
#include "prompts/phrase_match.h"

namespace anomalyvlm::prompts {
namespace {

constexpr int kLongestPhrase = 6;  // words

constexpr std::size_t kMostPhrases = 1000;

bool accept_comma_or_and(Cursor& at) {
  return at.accept_any({", and", ", or", "and / or", "and", "or", ",", "/"});
}

bool begins_example(const Cursor& at) {
  constexpr std::array<std::string_view, 8> kWords = {"e.g.",         "i.e.",   "such as",   "for example",
                                                      "for instance", "namely", "including", "incl"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view words) { return at.is(words); });
}

// "cracks, e.g. hairline cracks", "cracks (e.g. hairline cracks)": what follows is one more name.
bool accept_example(Cursor& at, bool& bracket) {
  const int start = at.position();
  const bool opens = !bracket && at.accept("(");
  if (!opens) at.accept(",");
  if (begins_example(at)) {
    at.accept_any({"e.g.", "i.e.", "such as", "for example", "for instance", "namely", "including", "incl"});
    at.accept_any({",", ":"});
    bracket |= opens;
    return true;
  }
  if (opens && is_word(at) && !is_rule_word(at.peek().text) && !begins_property(at) && !begins_complement(at))
    at.fail(
        "in brackets stands a bound, as in \"(> 60 px long)\", or further names, as in \"(e.g. hairline "
        "cracks)\"");
  at.rewind(start);
  return false;
}

bool accept_separator(Cursor& at, bool& bracket) {
  if (bracket && at.accept(")")) bracket = false;
  return accept_example(at, bracket) || accept_comma_or_and(at);
}

// "stains on more than 10%": what was not understood must not become a name.
void refuse_unfinished(const Cursor& at) {
  constexpr std::array<std::string_view, 13> kNeverLast = {
      // "type a" is a name
      "on", "in", "of", "with", "from", "for", "to", "near", "an", "the", "having", "whose", "where"};
  const Token& last = at.peek(-1);
  if (last.text.ends_with("-free"))
    at.fail_from(at.position() - 1, "say what is not allowed, as in \"Not allowed: burrs\"");
  if (std::find(kNeverLast.begin(), kNeverLast.end(), last.text) == kNeverLast.end()) return;
  Cursor there = at;
  there.rewind(at.position() - 1);
  there.fail("a name cannot end with this word, and what follows is not a part of one");
}

// "Anything but scratches": what is left out would be looked for.
void refuse_exception(const Cursor& at, int first) {
  constexpr std::array<std::string_view, 9> kWords = {"without", "but",       "besides", "apart",   "aside",
                                                      "sans",    "excepting", "barring", "excepted"};
  for (int i = first; i < at.position(); ++i) {
    const Token& token = at.sentence().tokens[static_cast<std::size_t>(i)];
    if (token.kind == Token::Kind::kWord &&
        std::find(kWords.begin(), kWords.end(), token.text) != kWords.end())
      at.fail_from(
          i,
          "what follows this word would be looked for too: name the defects to look for alone, and leave "
          "out the others (a name with this word stands in quotation marks)");
  }
}

}  // namespace

bool is_word(const Cursor& at) { return at.peek().kind == Token::Kind::kWord; }

bool accept_article(Cursor& at) {
  return at.accept_any({"a", "an", "the", "any", "some", "all", "every", "each"});
}

bool never(const Cursor&) { return false; }

std::string parse_phrase(Cursor& at, EndsPhrase ends) {
  if (at.peek().kind == Token::Kind::kQuoted) {
    const std::string phrase = normalised_phrase(at.peek().text);
    if (phrase.empty()) at.fail("there is nothing between these quotation marks");
    at.advance();
    return phrase;
  }
  accept_article(at);
  std::string phrase;
  int words = 0;
  while (is_word(at) && !at.is("and") && !at.is("or") && !begins_example(at) && !ends(at)) {
    if (at.is("etc")) at.fail("this names nothing to look for: list the kinds, or say \"defect\" for any");
    if (is_rule_word(at.peek().text)) at.fail("this word belongs to a rule, which was not understood");
    if (++words > kLongestPhrase)
      at.fail("a name of a defect has at most six words (or stands in quotation marks)");
    phrase += " " + at.peek().text;
    at.advance();
  }
  if (words > 0) refuse_unfinished(at);
  phrase = normalised_phrase(phrase);
  if (phrase.empty()) at.fail("expected the name of a defect or of an object here");
  return phrase;
}

std::vector<std::string> parse_phrase_list(Cursor& at, EndsPhrase ends) {
  std::vector<std::string> phrases;
  NameSet known;
  bool bracket = false;
  do {
    if (at.at_end() && !phrases.empty()) break;  // "cracks, holes,"
    const int first = at.position();
    const std::string phrase = parse_phrase(at, ends);
    refuse_exception(at, first);
    if (known.add(phrase)) phrases.push_back(phrase);
    if (phrases.size() > kMostPhrases) at.fail("a prompt has at most 1000 names of defects");
  } while (accept_separator(at, bracket));
  if (bracket) at.fail("expected \")\" here");
  return phrases;
}

// A list of names only. "Anomalies tiny" is no name, although each of its words might be in one.
bool is_phrase_list(const Sentence& sentence) {
  bool first = true;
  for (std::size_t i = 0; i < sentence.tokens.size(); ++i) {
    const Token& token = sentence.tokens[i];
    const bool comma = token.kind == Token::Kind::kSymbol &&
                       (token.text == "," || token.text == "/" || token.text == "(" || token.text == ")");
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

}  // namespace anomalyvlm::prompts
