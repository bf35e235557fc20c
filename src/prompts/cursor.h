#pragma once
// Where the parser is in a sentence, and the errors that point there.
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "prompts/lexer.h"

namespace anomalyvlm::prompts {

class Cursor {
 public:
  explicit Cursor(const Sentence& sentence, std::string object = {})
      : sentence_(sentence), object_(std::move(object)) {}

  const Token& peek(int ahead = 0) const;
  bool at_end() const { return peek().kind == Token::Kind::kEnd; }
  bool is(std::string_view words, int ahead = 0) const;  // words and symbols, separated by single spaces
  bool accept(std::string_view words);
  bool accept_any(std::initializer_list<std::string_view> alternatives);
  void expect(std::initializer_list<std::string_view> alternatives, const std::string& message);
  void expect_end();
  void advance() { position_ += at_end() ? 0 : 1; }
  int position() const { return position_; }
  void rewind(int position) { position_ = position; }
  const Sentence& sentence() const { return sentence_; }
  const std::string& object() const { return object_; }  // the inspected object's name, where known

  // Points at the present word, and proposes a word that is spelt nearly so.
  [[noreturn]] void fail(const std::string& message) const;
  [[noreturn]] void fail_from(int first, const std::string& message) const;  // from a token up to here

 private:
  const Sentence& sentence_;
  std::string object_;
  int position_ = 0;
};

}  // namespace anomalyvlm::prompts
