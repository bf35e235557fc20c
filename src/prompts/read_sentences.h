#pragma once
// A text sentence by sentence, as far as it is understood: what prompt_reading.h is made from.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anomalyvlm/prompt_reading.h"
#include "prompts/grammar.h"

namespace anomalyvlm::prompts {

struct ReadSentence {
  Sentence sentence;
  std::optional<PlacedError> problem;           // then nothing of it is in the prompt
  std::vector<std::string> names;               // that it gives, new or not
  HybridPrompt sets;                            // the single values that it sets anew; its lists are empty
  std::size_t first_rule = 0, last_rule = 0;    // of the prompt: [first, last)
  std::size_t first_limit = 0, last_limit = 0;  // of HybridPrompt::kind_limits
};

struct WholeProblem {
  std::string message;
  std::optional<std::size_t> rule;
};

struct ReadText {
  std::vector<ReadSentence> sentences;
  HybridPrompt prompt;
  std::optional<WholeProblem> problem;
};
ReadText read_sentences(const std::string& plain);  // a plain_text()

// --- reading_parts.cc
// What a sentence says; places are bytes of the sentence.
std::vector<PromptPart> parts_of(const ReadText& text, const ReadSentence& read);

// --- reading_numbers.cc
struct SetNumber {
  std::size_t sentence;
  PromptNumber number;  // its place: bytes of the plain text
};
// The numbers that set one thing each: a number is replaced by others, and what becomes of the prompt is
// seen.
std::vector<SetNumber> numbers_of(const std::string& plain, const ReadText& text);

}  // namespace anomalyvlm::prompts
