#include "prompts/judgement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "prompts/quantities.h"

namespace anomalyvlm::prompts {
namespace {

bool is_size(const Rule& rule) {
  return rule.quantity == Quantity::kArea || rule.quantity == Quantity::kLength ||
         rule.quantity == Quantity::kWidth;
}

std::string name_of(const Subject& subject) {
  return subject.kinds.empty() ? "defects" : fmt::format("{}", fmt::join(subject.kinds, " and "));
}

// What lies beyond an upper bound, as a sentence would say it.
std::string beyond(const Rule& bound) {
  const bool open = bound.comparison == Comparison::kAtMost;  // the bound itself is still within
  const std::string text = bound_text(bound);
  const std::string measure = text.substr(text.find(' ') + 1);
  switch (bound.quantity) {
    case Quantity::kLength:
      return open ? "longer than " + measure : "at least " + measure + " long";
    case Quantity::kWidth:
      return open ? "wider than " + measure : "at least " + measure + " wide";
    default:
      return open ? "larger than " + measure : "at least " + measure + " in area";
  }
}

[[noreturn]] void ask_in_general(const Cursor& at, int first) {
  at.fail_from(
      first,
      "this can be read in two ways: say \"Not allowed: ...\" of the defects to report, or \"Ignore ...\" "
      "of what is to be left out");
}

// "Reject regions ..." is said of what was found as often as of a part.
bool names_findings(const Cursor& at, const Subject& subject) {
  constexpr std::array<std::string_view, 12> kFindings = {
      "anomaly",   "anomalies",  "region",  "regions",  "candidate", "candidates",
      "detection", "detections", "outlier", "outliers", "areas",     "findings"};
  if (!subject.kinds.empty()) return false;
  if (subject.last <= subject.first) return true;
  const std::string& noun = at.sentence().tokens[static_cast<std::size_t>(subject.last - 1)].text;
  return std::find(kFindings.begin(), kFindings.end(), noun) != kFindings.end();
}

// "Discard scratched parts longer than 60 px": who discards a part fails it.
bool names_parts(const Cursor& at, const Subject& subject) {
  constexpr std::array<std::string_view, 18> kParts = {
      "part", "parts",   "product", "products",  "piece",      "pieces",     "item",   "items", "component",
      "unit", "samples", "units",   "workpiece", "workpieces", "components", "sample", "image", "images"};
  for (int i = subject.first; i < subject.last; ++i) {
    const std::string& word = at.sentence().tokens[static_cast<std::size_t>(i)].text;
    if (std::find(kParts.begin(), kParts.end(), word) != kParts.end()) return true;
  }
  return false;
}

bool rejects(const Cursor& at) {
  const auto& tokens = at.sentence().tokens;
  return std::any_of(tokens.begin(), tokens.end(), [](const Token& token) {
    return token.kind == Token::Kind::kWord &&
           (token.text == "reject" || token.text == "rejected" || token.text == "fail");
  });
}

// Nobody fails a part for what is small or doubtful, or tolerates only what is large.
void require_sense(const Cursor& at, int first, const std::vector<Rule>& failing) {
  for (const Rule& rule : failing) {
    const bool doubtful = rule.quantity == Quantity::kConfidence;
    if (!bounds_size_above(rule) && !doubtful) continue;
    at.fail_from(
        first,
        "this would report what is small or doubtful as the defects; to leave that out write \"Ignore "
        "...\", to report the others write \"Not allowed: ...\"");
  }
}

// Joined with "or" each is a criterion of its own.
void add_criteria(HybridPrompt& prompt, const Cursor& at, const Subject& subject, Condition said) {
  int number = criteria_count(prompt) + 1;
  for (Rule& rule : said.rules) {
    rule.criterion = number;
    number += said.either ? 1 : 0;
  }
  const bool single = said.either || said.rules.size() == 1;
  std::erase_if(
      said.rules, [&](Rule rule) {  // "Reject ... longer than 60 px" and "... up to 60 px are allowed"
        rule.phrases = subject.kinds;
        return single && std::any_of(prompt.rules.begin(), prompt.rules.end(), [&](const Rule& known) {
                 rule.criterion = known.criterion;
                 return known.criterion != 0 && known == rule && is_alone(prompt, known);
               });
      });
  add_rules(prompt, at, std::move(said.rules), subject.kinds);
}

// Of limits to keep that are joined with "or".
[[noreturn]] void ask_both(const Cursor& at, int first) {
  at.fail_from(
      first,
      "must both limits be kept, or is one enough? If both, join them with \"and\"; if one, say what fails: "
      "\"Not allowed: scratches longer than 60 px and wider than 3 px\"");
}

[[noreturn]] void ask_left_out(const Cursor& at, int first) {
  at.fail_from(first,
               "what is left out has one limit, or several joined with \"or\"; of what is tolerated write "
               "\"Allowed: scratches up to 60 px long and 3 px wide\"");
}

}  // namespace

bool bounds_size_above(const Rule& rule) { return is_size(rule) && is_upper(rule.comparison); }

void ask_reading(const Cursor& at, int first, const Subject& subject, const Rule& bound) {
  const std::string name = name_of(subject), what = beyond(bound);
  at.fail_from(first, fmt::format("this can be read in two ways: write \"Not allowed: {0} {1}\" if those are "
                                  "the defects to report, or \"Ignore {0} {1}\" if they are to be left out",
                                  name, what));
}

void add_judged(HybridPrompt& prompt, const Cursor& at, Fate fate, const Subject& subject, int first,
                Condition said) {
  if (fate == Fate::kKept) return add_rules(prompt, at, all_of(at, first, std::move(said)), subject.kinds);
  if (fate == Fate::kIgnored) {
    said = negated(at, first, std::move(said));
    if (said.either) ask_left_out(at, first);
    if (bounds_size_above(said.rules[0]) && names_parts(at, subject))
      ask_reading(at, first, subject, said.rules[0]);
    return add_rules(prompt, at, std::move(said.rules), subject.kinds);
  }
  if (fate == Fate::kFails && said.listed)
    at.fail_from(first,
                 "must a region meet all of these to fail, or one? Join them with \"and\" or with \"or\"");
  if (fate == Fate::kTolerated) {
    if (said.either) ask_both(at, first);
    said = negated(at, first, std::move(said));
  }
  if (rejects(at) && names_findings(at, subject)) {
    if (said.rules.size() == 1 && is_size(said.rules[0]) && is_lower(said.rules[0].comparison)) {
      Rule bound = said.rules[0];
      bound.comparison = opposite(bound.comparison);
      ask_reading(at, first, subject, bound);
    }
    ask_in_general(at, first);
  }
  require_sense(at, first, said.rules);
  add_criteria(prompt, at, subject, std::move(said));
}

void add_judged_kinds(HybridPrompt& prompt, const Cursor& at, Fate fate, const Subject& subject) {
  if (fate == Fate::kTolerated || fate == Fate::kIgnored) {
    at.fail_from(
        subject.first,
        "a kind of defect cannot be left out as a whole: name those to look for, and say \"Nothing else "
        "counts\"; or say which are left out, as in \"Ignore anomalies smaller than 20 px\"");
  }
  add_phrases(prompt, subject.kinds.empty() ? std::vector<std::string>{"defect"} : subject.kinds);
}

void add_statement(HybridPrompt& prompt, const Cursor& at, const Subject& subject, Statement statement) {
  const auto [mood, negative] = statement.auxiliary;
  const std::vector<Rule>& rules = statement.said.rules;
  const int first = statement.first;
  const auto all = [&](auto&& holds) { return std::all_of(rules.begin(), rules.end(), holds); };
  const bool described = mood == Mood::kDescribes;
  if (!described && all(bounds_size_above)) {
    const bool clear = mood == Mood::kDemands || mood == Mood::kPermits;
    if (!clear || subject.kinds.empty()) ask_reading(at, first, subject, rules[0]);
    if (statement.said.either) ask_both(at, first);
    return add_criteria(prompt, at, subject, negated(at, first, statement.said));
  }
  // "must not be darker", "must be 5 px from the edge", "may be longer": of a part or of what counts?
  const bool plain = all([&](const Rule& rule) {
    const bool above = is_lower(rule.comparison) && (is_size(rule) || rule.quantity == Quantity::kConfidence);
    return above || (!negative && rule.quantity != Quantity::kEdgeDistance);
  });
  if (!described && (!plain || mood == Mood::kPermits)) ask_in_general(at, first);
  add_rules(prompt, at, all_of(at, first, std::move(statement.said)), subject.kinds);
}

}  // namespace anomalyvlm::prompts
