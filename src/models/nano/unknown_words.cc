#include "models/nano/unknown_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/closest.h"

namespace anomalyvlm::nano {
namespace {

bool only_joins(std::string_view word) {
  constexpr std::array<std::string_view, 24> kWords = {
      "a",  "across", "all", "along", "an", "and",  "any",  "around", "at",      "by", "for",  "from",
      "in", "near",   "of",  "on",    "or", "over", "some", "the",    "through", "to", "with", "without"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

// The known word, all of them in singular, with a similar spelling: one letter in four may differ, since
// short words resemble each other by coincidence.
std::string_view meant_by(std::string_view word, const std::vector<std::string>& known) {
  std::string_view best;
  for (const std::string_view ending : {"", "s", "es"}) {
    if (!word.ends_with(ending)) continue;
    const std::string_view singular = word.substr(0, word.size() - ending.size());
    std::size_t least = singular.size() / 4 + 1;
    for (const std::string& candidate : known) {
      const std::size_t edits = letter_edits(singular, candidate);
      if (edits >= least) continue;
      best = candidate;
      least = edits;
    }
  }
  return best;
}

}  // namespace

std::string unknown_words(const Lexicon& lexicon, std::string_view phrase) {
  std::string text;
  for (const std::string& word : words_of(phrase)) {
    if (only_joins(word) || lexicon.find(word) || lexicon.is_generic(word)) continue;
    const std::string_view meant = meant_by(word, lexicon.words());
    text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", word);
    if (!meant.empty()) text += fmt::format(" (did you mean \"{}\"?)", meant);
  }
  return text;
}

}  // namespace anomalyvlm::nano
