#include <algorithm>

#include "core/check.h"
#include "prompts/grammar.h"

namespace anomalyvlm::prompts {

const Token& Cursor::peek(int ahead) const {
  const auto last = static_cast<int>(sentence_.tokens.size()) - 1;
  return sentence_.tokens[static_cast<std::size_t>(std::clamp(position_ + ahead, 0, last))];
}

bool Cursor::is(std::string_view words, int ahead) const {
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    const Token& token = peek(ahead++);
    const bool plain = token.kind == Token::Kind::kWord || token.kind == Token::Kind::kSymbol;
    if (!plain || token.text != word) return false;
    words.remove_prefix(std::min(words.size(), word.size() + 1));
  }
  return true;
}

bool Cursor::accept(std::string_view words) {
  if (!is(words)) return false;
  position_ += static_cast<int>(std::count(words.begin(), words.end(), ' ')) + 1;
  return true;
}

bool Cursor::accept_any(std::initializer_list<std::string_view> alternatives) {
  return std::any_of(alternatives.begin(), alternatives.end(),
                     [&](std::string_view words) { return accept(words); });
}

void Cursor::expect(std::initializer_list<std::string_view> alternatives, const std::string& message) {
  if (!accept_any(alternatives)) fail(message);
}

void Cursor::expect_end() {
  if (!at_end()) fail("nothing more was expected here");
}

void Cursor::fail(const std::string& message) const {
  const Token& token = peek();
  std::string text = message;
  if (token.kind == Token::Kind::kWord) {
    const std::string near = nearest_rule_word(token.text);
    if (!near.empty()) text += "; did you mean \"" + near + "\"?";
  }
  fail_at(sentence_, token.begin, token.end, text);
}

void Cursor::fail_from(int first, const std::string& message) const {
  const auto last = static_cast<std::size_t>(std::max(first, position_ - 1));
  fail_at(sentence_, sentence_.tokens[static_cast<std::size_t>(first)].begin, sentence_.tokens[last].end,
          message);
}

}  // namespace anomalyvlm::prompts
