#include "prompts/phrase_match.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "text/unicode.h"

namespace anomalyvlm {
namespace {

using Words = std::vector<std::string>;

// Phrases, separated by full stops, commas and the like, as words without case.
std::vector<Words> split(std::string_view text) {
  std::vector<Words> phrases(1);
  std::string word;
  const auto finish_word = [&] {
    if (!word.empty()) phrases.back().push_back(std::exchange(word, {}));
  };
  for (const char c : folded_text(text)) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '_';
    const bool separator = c == '.' || c == ',' || c == ';' || c == '?' || c == '!';
    if (blank || separator) {
      finish_word();
      if (separator && !phrases.back().empty()) phrases.emplace_back();
    } else {
      word += c;
    }
  }
  finish_word();
  if (phrases.size() > 1 && phrases.back().empty()) phrases.pop_back();
  return phrases;
}

bool ends_in(std::string_view word, std::string_view ending) { return word.ends_with(ending); }

bool is_plural_of(std::string_view plural, std::string_view word) {
  const auto stem_and = [&](std::size_t cut, std::string_view ending) {
    return plural.size() == word.size() - cut + ending.size() &&
           plural.starts_with(word.substr(0, word.size() - cut)) && ends_in(plural, ending);
  };
  if (word.empty() || plural.size() < word.size()) return false;
  if (stem_and(0, "s") || stem_and(0, "es")) return true;
  if (ends_in(word, "y") && stem_and(1, "ies")) return true;
  if (ends_in(word, "f") && stem_and(1, "ves")) return true;
  if (ends_in(word, "fe") && stem_and(2, "ves")) return true;
  if (ends_in(word, "is") && stem_and(2, "es")) return true;
  return (word == "tooth" && plural == "teeth") || (word == "foot" && plural == "feet");
}

bool same_noun(std::string_view a, std::string_view b) {
  return a == b || is_plural_of(a, b) || is_plural_of(b, a);
}

// Only the noun itself, the last word, has a plural; but "prints white" is not asked for.
bool same_words(std::span<const std::string> a, std::span<const std::string> b) {
  if (a.size() != b.size() || a.empty()) return false;
  return std::equal(a.begin(), a.end(), b.begin(), same_noun);
}

// "crack on the edge" speaks of a crack.
std::span<const std::string> before_preposition(const Words& words) {
  constexpr std::array<std::string_view, 11> kPrepositions = {
      "on", "in", "at", "of", "with", "without", "near", "along", "around", "from", "across"};
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (std::find(kPrepositions.begin(), kPrepositions.end(), words[i]) != kPrepositions.end()) {
      return std::span(words).first(i);
    }
  }
  return words;
}

bool names(const Words& named, const Words& found) {
  if (same_words(named, found)) return true;
  const std::span<const std::string> head = before_preposition(found);
  return !named.empty() && head.size() >= named.size() && same_words(named, head.last(named.size()));
}

}  // namespace

bool same_phrase(std::string_view a, std::string_view b) {
  return same_words(split(a).front(), split(b).front());
}

bool same_name(std::string_view a, std::string_view b) {
  const auto ascii = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  };
  if (a == b) return true;
  if (a.size() != b.size() && ascii(a) && ascii(b)) return false;  // folding changes no length there
  return folded_text(a) == folded_text(b);
}

NameSet::NameSet(std::span<const std::string> names) {
  for (const std::string& name : names) add(name);
}

bool NameSet::add(std::string_view name) { return folded_.insert(folded_text(name)).second; }

bool same_names(std::span<const std::string> a, std::span<const std::string> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const std::string& one, const std::string& other) { return same_name(one, other); });
}

bool names_phrase(std::string_view named, std::string_view found) {
  const Words name = split(named).front();
  const std::vector<Words> parts = split(found);
  return std::any_of(parts.begin(), parts.end(), [&](const Words& part) { return names(name, part); });
}

}  // namespace anomalyvlm
