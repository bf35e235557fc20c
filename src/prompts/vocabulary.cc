#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/closest.h"
#include "prompts/grammar.h"
#include "prompts/phrase_match.h"

namespace anomalyvlm::prompts {
namespace {

// Words that rules are made of and that names of defects are not. A sentence with one of them is a rule, or
// an error.
constexpr std::array<std::string_view, 175> kRuleWords = {
    "constitute",   "see",          "upon",        "constitutes",
    "about",        "above",        "acceptable",  "allowed",
    "almost",       "also",         "although",    "always",
    "appear",       "appears",      "approx",      "approximately",
    "are",          "aren't",       "at",          "be",
    "because",      "become",       "becomes",     "been",
    "being",        "below",        "between",     "bigger",
    "brighter",     "broader",      "by",          "can't",
    "cannot",       "closer",       "contain",     "contains",
    "darker",       "did",          "differ",      "differs",
    "discard",      "disregard",    "do",          "does",
    "doesn't",      "don't",        "equal",       "exactly",
    "exceed",       "exceeding",    "exceeds",     "except",
    "excluding",    "farther",      "fewer",       "forbidden",
    "free",         "further",      "greater",     "had",
    "has",          "have",         "higher",      "if",
    "ignore",       "ignored",      "include",     "includes",
    "inside",       "is",           "isn't",       "it",
    "its",          "larger",       "least",       "less",
    "lie",          "lies",         "lighter",     "likely",
    "likes",        "longer",       "lower",       "many",
    "max",          "maximum",      "may",         "mean",
    "means",        "might",        "min",         "minimum",
    "mm",           "mm2",          "more",        "most",
    "must",         "mustn't",      "narrower",    "nearer",
    "nearly",       "need",         "needs",       "never",
    "no",           "none",         "not",         "occupies",
    "occupy",       "often",        "only",        "otherwise",
    "outside",      "percent",      "permissible", "permitted",
    "please",       "probably",     "prohibited",  "px",
    "px2",          "rarely",       "reject",      "rejected",
    "roughly",      "rounder",      "seem",        "seems",
    "shall",        "shorter",      "should",      "show",
    "shown",        "shows",        "smaller",     "sometimes",
    "surroundings", "than",         "that",        "their",
    "them",         "there",        "these",       "they",
    "thicker",      "thinner",      "this",        "those",
    "tolerated",    "touch",        "touches",     "touching",
    "typically",    "unacceptable", "under",       "unless",
    "until",        "usually",      "was",         "we",
    "were",         "what",         "when",        "where",
    "which",        "while",        "whose",       "wider",
    "will",         "within",       "won't",       "would",
    "wouldn't",     "you",          "your"};

// Further words of the language, for proposals only.
constexpr std::array<std::string_view, 24> kOtherWords = {
    "anomalies", "anomaly",   "area",       "aspect",  "background", "circularity", "confidence", "defects",
    "edge",      "elongated", "elongation", "image",   "length",     "located",     "object",     "pixels",
    "polygon",   "ratio",     "rectangle",  "regions", "the",        "wide",        "width",      "long"};

constexpr std::array<std::string_view, 21> kAnomalyNouns = {
    "anomaly",      "anomalies",      "defect",       "defects",       "flaw",    "flaws",
    "fault",        "faults",         "abnormality",  "abnormalities", "region",  "regions",
    "candidate",    "candidates",     "imperfection", "imperfections", "outlier", "outliers",
    "irregularity", "irregularities", "finding"};
constexpr std::array<std::string_view, 9> kAnomalyAdjectives = {
    "abnormal", "anomalous", "anomaly", "defect", "defective", "detected", "faulty", "found", "suspicious"};
constexpr std::array<std::string_view, 6> kPlaceNouns = {"region", "regions", "area",
                                                         "areas",  "spot",    "spots"};

template <typename List>
bool contains(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

bool is_rule_word(std::string_view word) { return contains(kRuleWords, word) || is_number_word(word); }

std::string nearest_rule_word(std::string_view word) {
  if (word.size() < 3 || word.size() > 20) return {};
  std::string_view best;
  std::size_t least = word.size() < 7 ? 2 : 3;  // what is below it is near
  const auto consider = [&](std::string_view known) {
    const std::size_t edits = letter_edits(word, known);
    if (edits < least) {
      least = edits;
      best = known;
    }
  };
  for (const std::string_view known : kRuleWords) consider(known);
  for (const std::string_view known : kOtherWords) consider(known);
  return least == 0 ? std::string() : std::string(best);
}

bool is_any_anomaly(std::string_view phrase) {
  if (contains(kAnomalyNouns, phrase)) return true;
  const std::size_t space = phrase.find(' ');
  if (space == std::string_view::npos) return false;
  const std::string_view last = phrase.substr(space + 1);
  return contains(kAnomalyAdjectives, phrase.substr(0, space)) &&
         (contains(kAnomalyNouns, last) || contains(kPlaceNouns, last));
}

std::string_view nearest_anomaly_word(std::string_view phrase) {
  constexpr std::array<std::string_view, 6> kOften = {"anomaly", "anomalies",   "defect",
                                                      "defects", "abnormality", "abnormalities"};
  if (is_any_anomaly(phrase)) return {};
  for (const std::string_view known : kOften) {
    if (letter_edits(phrase, known) <= (known.size() < 8 ? 1u : 2u)) return known;
  }
  return {};
}

bool is_plural_anomaly(std::string_view word) { return contains(kAnomalyNouns, word) && word.ends_with('s'); }

}  // namespace anomalyvlm::prompts
