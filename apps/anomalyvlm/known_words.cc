#include "known_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "detector/registry.h"
#include "models/nano/unknown_words.h"

namespace anomalyvlm::cli {

nano::Lexicon nano_lexicon() { return nano::Lexicon::from_metadata(*load_weights(nano_weights({}))); }

std::string kinds_text(const nano::Lexicon& lexicon) {
  std::string text;
  for (const std::vector<std::string>& names : lexicon.families()) {
    text += names.front() + ": ";
    text += fmt::format("{}\n", fmt::join(names.begin() + 1, names.end(), ", "));
  }
  return text;
}

std::vector<std::string> word_notes(const nano::Lexicon& lexicon, const HybridPrompt& prompt) {
  std::vector<std::string> notes;
  for (const std::string& phrase : sought_phrases(prompt)) {
    const std::string unknown = nano::unknown_words(lexicon, phrase);
    if (unknown.empty()) continue;
    const bool other = !lexicon.indices(phrase).empty();
    notes.push_back(fmt::format("nano does not know {}: \"{}\" is {}.", unknown, phrase,
                                other ? "understood by its other words" : "taken as any defect"));
  }
  return notes;
}

}  // namespace anomalyvlm::cli
