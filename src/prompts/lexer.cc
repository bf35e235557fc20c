#include "prompts/lexer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/check.h"

namespace anomalyvlm::prompts {
namespace {

constexpr std::size_t kLongestText = 100'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }
bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Typographic characters and what they mean here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 17> kSpellings = {{
    {"\xC2\xA0", " "},      // no-break space
    {"\xC2\xB2", "2"},      // superscript two
    {"\xC2\xB5", "u"},      // micro sign
    {"\xCE\xBC", "u"},      // Greek mu
    {"\xC2\xB0", "deg"},    // degree sign: a symbol
    {"\xC3\x97", "x"},      // multiplication sign
    {"\xE2\x80\x98", "'"},  // quotation marks
    {"\xE2\x80\x99", "'"},
    {"\xE2\x80\x9C", "\""},
    {"\xE2\x80\x9D", "\""},
    {"\xE2\x80\x90", "-"},  // hyphens, dashes, minus
    {"\xE2\x80\x91", "-"},
    {"\xE2\x80\x93", "-"},
    {"\xE2\x80\x94", "-"},
    {"\xE2\x88\x92", "-"},
    {"\xE2\x89\xA4", "<="},
    {"\xE2\x89\xA5", ">="},
}};

// The character at `at`: how it is to be read, and how many bytes it has.
std::pair<std::string_view, int> spelling(std::string_view text, std::size_t at) {
  for (const auto& [written, meant] : kSpellings) {
    if (text.substr(at).starts_with(written)) return {meant, static_cast<int>(written.size())};
  }
  return {text.substr(at, 1), 1};
}

class Lexer {
 public:
  Lexer(std::string_view text, bool one_sentence) : text_(text), one_sentence_(one_sentence) {}

  std::vector<Sentence> run() {
    while (at_ < text_.size()) {
      if (starts_comment()) {
        skip_line();
      } else {
        next();
      }
    }
    finish();
    return std::move(sentences_);
  }

 private:
  bool starts_comment() const {
    return !one_sentence_ && tokens_.empty() && text_[at_] == '#' && (at_ == 0 || text_[at_ - 1] == '\n');
  }
  void skip_line() {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    start_ = at_;
  }

  void next() {
    const auto [meant, bytes] = spelling(text_, at_);
    const char c = meant[0];
    if (is_blank(c) || (one_sentence_ && c == '\n')) {
      at_ += static_cast<std::size_t>(bytes);
    } else if (is_digit(c) && bytes == 1) {
      number();
    } else if (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])) {
      number();
    } else if (c == '.' && abbreviates()) {
      ++at_;
    } else if (!one_sentence_ && (c == '.' || c == ';' || c == '\n')) {
      finish();
      start_ = ++at_;
    } else if (c == '"') {
      quoted(bytes);
    } else if (meant != "deg" && is_word_char(c)) {
      word();
    } else {
      symbol(meant, bytes);
    }
  }

  // "max. 5 anomalies"
  bool abbreviates() const {
    if (tokens_.empty() || tokens_.back().kind != Token::Kind::kWord) return false;
    const Token& word = tokens_.back();
    return (word.text == "max" || word.text == "min") && start_ + static_cast<std::size_t>(word.end) == at_;
  }

  void add(Token token, std::size_t begin) {
    if (tokens_.empty()) start_ = begin;
    token.begin = static_cast<int>(begin - start_);
    token.end = static_cast<int>(at_ - start_);
    tokens_.push_back(std::move(token));
  }

  std::size_t digits(std::size_t at) const {
    while (at < text_.size() && is_digit(text_[at])) ++at;
    return at;
  }

  void number() {
    const std::size_t begin = at_;
    at_ = digits(at_);
    if (at_ + 1 < text_.size() && text_[at_] == '.' && is_digit(text_[at_ + 1])) at_ = digits(at_ + 1);
    Token token{Token::Kind::kNumber, std::string(text_.substr(begin, at_ - begin))};
    const std::string digits = "0" + token.text;  // from_chars does not take ".5"
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), token.number);
    if (error != std::errc() || end != digits.data() + digits.size()) token.number = HUGE_VAL;
    if (point_of_a_share()) ++at_;
    add(std::move(token), begin);
  }

  // "1. object area": here the point belongs to the number and ends no sentence.
  bool point_of_a_share() const {
    if (at_ >= text_.size() || text_[at_] != '.') return false;
    std::size_t at = at_ + 1;
    for (const std::string_view word : {"object", "area"}) {
      const std::size_t blanks = at;
      while (at < text_.size() && is_blank(text_[at])) ++at;
      if (at == blanks || !text_.substr(at).starts_with(word)) return false;
      at += word.size();
    }
    return at >= text_.size() || !is_word_char(text_[at]);
  }

  void quoted(int bytes) {
    const std::size_t begin = at_;
    at_ += static_cast<std::size_t>(bytes);
    std::string inside;
    while (at_ < text_.size() && text_[at_] != '\n') {
      const auto [meant, size] = spelling(text_, at_);
      at_ += static_cast<std::size_t>(size);
      if (meant == "\"") return add({Token::Kind::kQuoted, std::move(inside)}, begin);
      inside += text_.substr(at_ - static_cast<std::size_t>(size), static_cast<std::size_t>(size));
    }
    const Sentence sentence{std::string(text_.substr(start_, at_ - start_)), {}};
    const int column = static_cast<int>(begin - start_);
    fail_at(sentence, column, column + bytes, "this quotation mark is not closed");
  }

  void word() {
    const std::size_t begin = at_;
    Token token{Token::Kind::kWord, {}};
    while (at_ < text_.size()) {
      const auto [meant, bytes] = spelling(text_, at_);
      const std::size_t after = at_ + static_cast<std::size_t>(bytes);
      const bool joins = (meant == "-" || meant == "'") && after < text_.size() &&
                         is_word_char(text_[after]) && spelling(text_, after).first != " ";
      const bool ends = meant == "deg" || !(is_word_char(meant[0]) || joins);
      if (ends) break;
      for (const char c : meant) token.text += lower(c);
      at_ = after;
    }
    add(std::move(token), begin);
  }

  void symbol(std::string_view meant, int bytes) {
    const std::size_t begin = at_;
    Token token{Token::Kind::kSymbol, std::string(meant)};
    at_ += static_cast<std::size_t>(bytes);
    if ((meant == "<" || meant == ">") && at_ < text_.size() && text_[at_] == '=') {
      token.text += '=';
      ++at_;
    }
    add(std::move(token), begin);
  }

  void finish() {
    if (tokens_.empty()) return;
    const int size = tokens_.back().end;
    tokens_.push_back({Token::Kind::kEnd, {}, 0, size, size + 1});
    sentences_.push_back(
        {std::string(text_.substr(start_, static_cast<std::size_t>(size))), std::move(tokens_)});
    tokens_.clear();
  }

  std::string_view text_;
  bool one_sentence_;
  std::size_t at_ = 0, start_ = 0;
  std::vector<Token> tokens_;
  std::vector<Sentence> sentences_;
};

std::vector<Sentence> lex(std::string_view text, bool one_sentence) {
  if (text.size() > kLongestText) {
    fail(ErrorKind::kBadPrompt, "A prompt of {} bytes is too long; at most {} are read.", text.size(),
         kLongestText);
  }
  if (!is_utf8(text)) fail(ErrorKind::kBadPrompt, "The prompt is not text in UTF-8.");
  return Lexer(text, one_sentence).run();
}

// A start and an end within the text such that no character is cut in half.
std::string_view window(std::string_view text, int& begin, int& end) {
  constexpr int kBefore = 70, kAfter = 50;
  const auto continues = [&](int at) {
    return (static_cast<unsigned char>(text[static_cast<std::size_t>(at)]) & 0xC0) == 0x80;
  };
  const int size = static_cast<int>(text.size());
  int from = std::max(0, begin - kBefore);
  while (from > 0 && from < size && continues(from)) --from;
  int to = std::min(size, std::max(end, begin) + kAfter);
  while (to < size && to > from && continues(to)) ++to;
  begin -= from;
  end -= from;
  return text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(std::max(0, to - from)));
}

}  // namespace

bool is_utf8(std::string_view text) {
  int continuations = 0;
  unsigned char least = 0x80, most = 0xBF;  // of the next continuation byte
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (continuations > 0) {
      if (byte < least || byte > most) return false;
      least = 0x80;
      most = 0xBF;
      --continuations;
    } else if (byte >= 0x80) {
      if (byte < 0xC2 || byte > 0xF4) return false;
      continuations = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1;
      // Neither longer than needed, nor a surrogate, nor beyond Unicode's end.
      least = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
      most = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    }
  }
  return continuations == 0;
}

std::vector<Sentence> split_sentences(std::string_view text) { return lex(text, false); }

Sentence single_sentence(std::string_view text) {
  std::vector<Sentence> sentences = lex(text, true);
  if (sentences.empty()) return {std::string(text), {Token{Token::Kind::kEnd, {}, 0, 0, 1}}};
  return std::move(sentences.front());
}

void fail_at(const Sentence& sentence, int begin, int end, const std::string& message) {
  std::string line, carets;
  const std::string_view shown = window(sentence.source, begin, end);
  std::size_t leading = 0;
  while (leading < shown.size() && is_blank(shown[leading])) ++leading;
  for (std::size_t i = leading; i < shown.size(); ++i) {
    const char c = shown[i];
    const bool continuation = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    line += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    if (continuation) continue;
    carets += static_cast<int>(i) < begin ? ' ' : static_cast<int>(i) < end ? '^' : '\0';
    if (carets.back() == '\0') carets.pop_back();
  }
  if (end > static_cast<int>(shown.size())) carets += '^';
  fail(ErrorKind::kBadPrompt, "The prompt was not understood: {}{}\n  {}\n  {}", message,
       message.ends_with('?') ? "" : ":", line, carets);
}

std::string normalised_phrase(std::string_view text) {
  std::string phrase;
  for (std::size_t at = 0; at < text.size();) {
    const auto [meant, bytes] = spelling(text, at);
    const char c = meant[0] == '_' || meant[0] == '\n' ? ' ' : meant[0];
    if (is_blank(c)) {
      if (!phrase.empty() && phrase.back() != ' ') phrase += ' ';
    } else {
      phrase += bytes == 1 ? std::string(1, lower(c))
                           : std::string(text.substr(at, static_cast<std::size_t>(bytes)));
    }
    at += static_cast<std::size_t>(bytes);
  }
  if (!phrase.empty() && phrase.back() == ' ') phrase.pop_back();
  return phrase;
}

}  // namespace anomalyvlm::prompts
