#pragma once
// Errors that know what they are about. Those who only show them see an Error with all of its text.
#include <cstddef>
#include <string>
#include <utility>

#include "anomalyvlm/error.h"

namespace anomalyvlm::prompts {

// At bytes [begin, end) of a sentence, or of the whole text where there are no sentences yet.
class PlacedError : public Error {
 public:
  PlacedError(const std::string& what, std::string message, int begin, int end)
      : Error(ErrorKind::kBadPrompt, what), message_(std::move(message)), begin_(begin), end_(end) {}
  const std::string& message() const { return message_; }  // without the sentence and its carets
  int begin() const { return begin_; }
  int end() const { return end_; }

 private:
  std::string message_;
  int begin_, end_;
};

// Of a rule of a prompt; of two that do not go together, of the later one.
class RuleError : public Error {
 public:
  RuleError(const std::string& what, std::size_t rule) : Error(ErrorKind::kBadPrompt, what), rule_(rule) {}
  std::size_t rule() const { return rule_; }

 private:
  std::size_t rule_;
};

}  // namespace anomalyvlm::prompts
