#pragma once
// What of a phrase nano does not know.
#include <string>
#include <string_view>

#include "models/nano/lexicon.h"

namespace anomalyvlm::nano {

// The unknown words, each with the known one that was perhaps meant: "\"schratches\" (did you mean
// \"scratch\"?)". Empty: all are known, or only join others ("on the").
std::string unknown_words(const Lexicon& lexicon, std::string_view phrase);

}  // namespace anomalyvlm::nano
