#pragma once
// The words that the embedded model knows.
#include <string>
#include <vector>

#include "anomalyvlm/prompt.h"
#include "models/nano/lexicon.h"

namespace anomalyvlm::cli {

nano::Lexicon nano_lexicon();  // throws Error where the model's file is not found

// One line a kind: its usual name, then its synonyms.
std::string kinds_text(const nano::Lexicon& lexicon);

// A line for each phrase of a prompt that has words which nano does not know.
std::vector<std::string> word_notes(const nano::Lexicon& lexicon, const HybridPrompt& prompt);

}  // namespace anomalyvlm::cli
