#pragma once
// What must hold of read_prompt_text() for any text at all: for tests and for the fuzzer.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anomalyvlm/error.h"
#include "anomalyvlm/prompt.h"
#include "anomalyvlm/prompt_reading.h"
#include "prompts/characters.h"

namespace anomalyvlm::test {

inline std::vector<PromptProblem> problems_of(const PromptReading& reading) {
  std::vector<PromptProblem> problems;
  for (const PromptSentence& sentence : reading.sentences)
    if (sentence.problem) problems.push_back(*sentence.problem);
  if (reading.problem) problems.push_back(*reading.problem);
  return problems;
}

inline bool same_prompt(const HybridPrompt& a, const HybridPrompt& b) {
  return a == b && std::equal(a.rules.begin(), a.rules.end(), b.rules.begin(),
                              [](const Rule& one, const Rule& other) { return one.text == other.text; });
}

// A sentence of a message, as a part of the message.
inline std::string_view core_of(const std::string& message) {
  return std::string_view(message).substr(1, message.size() - 2);
}

// Empty, or how the two functions disagree on a text.
inline std::string disagreement(std::string_view text, const PromptReading& reading) {
  const std::vector<PromptProblem> problems = problems_of(reading);
  try {
    const HybridPrompt prompt = parse_prompt_text(text);
    if (!problems.empty()) return "a problem of a good text: " + problems.front().message;
    return same_prompt(prompt, reading.prompt) ? "" : "another prompt";
  } catch (const Error& error) {
    const std::string_view what = error.what();
    const bool said = std::any_of(problems.begin(), problems.end(), [&](const PromptProblem& problem) {
      return what.find(core_of(problem.message)) != std::string_view::npos;
    });
    return said ? "" : "this is said by none: " + std::string(what);
  }
}

// Where a place can be in a text.
class Limits {
 public:
  explicit Limits(std::string_view text) : text_(text), utf8_(prompts::is_utf8(text)) {}

  template <typename Place>
  bool contain(const Place& place, int least, int most) const {
    const bool within = least <= place.begin && place.begin <= place.end && place.end <= most;
    return within && !cuts_character(place.begin) && !cuts_character(place.end);
  }

 private:
  bool cuts_character(int at) const {
    const auto index = static_cast<std::size_t>(at);
    return utf8_ && index < text_.size() && (static_cast<unsigned char>(text_[index]) & 0xC0) == 0x80;
  }

  std::string_view text_;
  bool utf8_;  // else UTF-16 or UTF-32
};

// Empty, or what of a reading stands where it cannot.
inline std::string misplacement(std::string_view text, const PromptReading& reading) {
  const Limits limits(text);
  const int size = static_cast<int>(text.size());
  int last = 0;
  for (const PromptSentence& sentence : reading.sentences) {
    const auto within = [&](const auto& place) {
      return limits.contain(place, sentence.begin, sentence.end);
    };
    if (!limits.contain(sentence, last, size)) return "a sentence";
    if (!std::all_of(sentence.parts.begin(), sentence.parts.end(), within)) return "a part";
    if (!std::all_of(sentence.numbers.begin(), sentence.numbers.end(), within)) return "a number";
    if (sentence.problem && !within(*sentence.problem)) return "a problem: " + sentence.problem->message;
    if (sentence.problem.has_value() != sentence.parts.empty()) return "neither parts nor a problem";
    last = sentence.end;
  }
  return reading.problem && !limits.contain(*reading.problem, 0, size) ? "the problem of the whole" : "";
}

inline std::string with_number(std::string_view text, const PromptNumber& number, double value) {
  std::string digits = std::to_string(value);  // six decimals
  std::replace(digits.begin(), digits.end(), ',', '.');
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.ends_with('.')) digits.pop_back();
  std::string changed(text);
  changed.replace(static_cast<std::size_t>(number.begin), static_cast<std::size_t>(number.end - number.begin),
                  digits);
  return changed;
}

// The number that stands where one was replaced; none if it sets nothing or something else.
inline std::optional<double> value_there(const PromptReading& reading, const PromptNumber& number) {
  for (const PromptSentence& sentence : reading.sentences)
    for (const PromptNumber& other : sentence.numbers)
      if (other.begin == number.begin && other.sets == number.sets && other.index == number.index)
        return other.value;
  return std::nullopt;
}

inline bool same_sentences_fail(const PromptReading& a, const PromptReading& b) {
  return std::equal(a.sentences.begin(), a.sentences.end(), b.sentences.begin(), b.sentences.end(),
                    [](const PromptSentence& one, const PromptSentence& other) {
                      return one.problem.has_value() == other.problem.has_value();
                    });
}

// Whether one of some other numbers in its place changes the prompt and is found there again.
inline bool is_replaceable(std::string_view text, const PromptReading& reading, const PromptNumber& number) {
  for (const double value : {number.value + 1, number.value * 1.5, number.value / 2}) {
    const PromptReading other = read_prompt_text(with_number(text, number, value));
    const bool changed = !(other.prompt == reading.prompt) && same_sentences_fail(reading, other);
    if (changed && value_there(other, number)) return true;
  }
  return false;
}

// The first few numbers of a text.
inline std::string irreplaceable(std::string_view text, const PromptReading& reading, int most) {
  if (!prompts::is_utf8(text)) return "";
  for (const PromptSentence& sentence : reading.sentences)
    for (const PromptNumber& number : sentence.numbers) {
      if (most-- == 0) return "";
      if (!is_replaceable(text, reading, number))
        return "not replaceable: " + std::string(text.substr(static_cast<std::size_t>(number.begin), 20));
    }
  return "";
}

// Empty, or what does not hold.
inline std::string broken_property(std::string_view text, int most_numbers) {
  const PromptReading reading = read_prompt_text(text);
  std::string broken = disagreement(text, reading);
  if (broken.empty()) broken = misplacement(text, reading);
  if (broken.empty()) broken = irreplaceable(text, reading, most_numbers);
  return broken;
}

}  // namespace anomalyvlm::test
