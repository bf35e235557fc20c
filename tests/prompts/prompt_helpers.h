#pragma once
// Short ways to say what a prompt is expected to hold.
#include <string>
#include <utility>
#include <vector>

#include "anomalyvlm/error.h"
#include "anomalyvlm/prompt.h"

namespace anomalyvlm::test {

inline Rule rule(Quantity quantity, Comparison comparison, double value, Unit unit,
                 std::vector<std::string> phrases = {}) {
  Rule made;
  made.quantity = quantity;
  made.comparison = comparison;
  made.value = value;
  made.unit = unit;
  made.phrases = std::move(phrases);
  return made;
}

// What describe() says of the rules, one a line.
inline std::string rules_of(const HybridPrompt& prompt) {
  std::string text;
  for (const Rule& one : prompt.rules) text += (text.empty() ? "" : "\n") + describe(one);
  return text;
}
inline std::string rules_in(const std::string& english) { return rules_of(parse_prompt_text(english)); }

// The message of the error that `body` throws; empty when it throws none, or one of another kind.
template <typename Body>
std::string bad_prompt(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.kind() == ErrorKind::kBadPrompt ? error.what() : "";
  }
  return "";
}
// What is wrong with a prompt of sentences; empty: nothing.
inline std::string error_of(const std::string& english) {
  return bad_prompt([&] { validate(parse_prompt_text(english)); });
}

}  // namespace anomalyvlm::test
