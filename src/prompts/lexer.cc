#include "prompts/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/check.h"
#include "text/unicode.h"

namespace anomalyvlm::prompts {
namespace {

constexpr std::size_t kLongestText = 100'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }
bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// "1. Scratches", "a) Scratches", "4.2.1 Scratches" at the start of a line: the bytes of the number, or 0.
std::size_t item_number(std::string_view text, std::size_t at) {
  std::size_t start = at, end = at;
  while (start > 0 && is_blank(text[start - 1])) --start;
  if ((start > 0 && text[start - 1] != '\n') || text[at] == '.') return 0;
  while (end < text.size() && (is_digit(text[end]) || text[end] == '.')) ++end;
  const std::string_view number = text.substr(at, end - at);
  const bool letter = number.empty() && is_word_char(text[at]);
  if (letter) ++end;
  const bool bracket = end > at && end < text.size() && text[end] == ')';
  if (bracket) ++end;
  const bool pointed = number.ends_with('.') || std::count(number.begin(), number.end(), '.') > 1;
  return (bracket || pointed) && end < text.size() && is_blank(text[end]) ? end - at : 0;
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

PlacedError error_at(const Sentence& sentence, int begin, int end, const std::string& message) {
  const int first = begin, last = end;
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
  return {fmt::format("The prompt was not understood: {}{}\n  {}\n  {}", message,
                      message.ends_with('?') ? "" : ":", line, carets),
          message, first, last};
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
    int mark = 0;
    if (is_blank(c) || (one_sentence_ && c == '\n') || bullet(c, bytes)) {
      at_ += static_cast<std::size_t>(bytes);
    } else if (const std::size_t item = starts_item(); item > 0) {
      at_ += item;
    } else if (meant == "inch" || (c == '"' && follows_number())) {
      inches(bytes);
    } else if (!closing_marks(text_.substr(at_), mark).empty()) {
      quoted(mark);
    } else if (is_digit(c) && bytes == 1) {
      number();
    } else if (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])) {
      number();
    } else if (c == '.' && abbreviates()) {
      ++at_;
    } else if (!one_sentence_ && (c == '.' || c == ';' || c == '!' || c == '?' || c == '\n')) {
      finish();
      start_ = ++at_;
    } else if (latin_abbreviation() || diameter_sign()) {
      return;
    } else if (meant != "deg" && is_word_char(c)) {
      word();
    } else {
      symbol(meant, bytes);
    }
  }

  // "max. 5 anomalies"; the point after "etc" may end the sentence as well.
  bool abbreviates() const {
    if (tokens_.empty() || tokens_.back().kind != Token::Kind::kWord) return false;
    const Token& word = tokens_.back();
    if (start_ + static_cast<std::size_t>(word.end) != at_) return false;
    if (word.text == "etc") {
      std::size_t next = at_ + 1;
      while (next < text_.size() && is_blank(text_[next])) ++next;
      return next < text_.size() && (text_[next] == ',' || (text_[next] >= 'a' && text_[next] <= 'z'));
    }
    constexpr std::array<std::string_view, 7> kShort = {"max", "min", "approx", "ca", "dia", "incl", "sq"};
    return std::find(kShort.begin(), kShort.end(), word.text) != kShort.end();
  }

  // "e.g." and "i.e.", with a blank in them or not: one word, whose points end no sentence.
  bool latin_abbreviation() {
    for (const std::string_view both : {"eg", "ie"}) {
      std::size_t at = at_;
      const auto take = [&](char letter) {
        const bool taken = at < text_.size() && (text_[at] | 0x20) == letter;
        at += taken ? 1 : 0;
        return taken;
      };
      if (!take(both[0]) || at >= text_.size() || text_[at++] != '.') continue;
      if (at < text_.size() && text_[at] == ' ') ++at;
      if (!take(both[1]) || (at < text_.size() && is_word_char(text_[at]))) continue;
      if (at < text_.size() && text_[at] == '.') ++at;
      const std::size_t begin = std::exchange(at_, at);
      add({Token::Kind::kWord, std::string(both[0] == 'e' ? "e.g." : "i.e.")}, begin);
      return true;
    }
    return false;
  }

  static bool begins_size(std::string_view text) {
    constexpr std::array<std::string_view, 6> kSigns = {"<", ">", "=", ":", "\xE2\x89\xA4", "\xE2\x89\xA5"};
    return is_digit(text[0]) || std::any_of(kSigns.begin(), kSigns.end(),
                                            [&](std::string_view sign) { return text.starts_with(sign); });
  }

  // The letter as well, where a number or a comparison follows.
  bool diameter_sign() {
    for (const std::string_view sign : {"\xC3\x98", "\xC3\xB8", "\xE2\x8C\x80"}) {
      if (!text_.substr(at_).starts_with(sign)) continue;
      std::size_t next = at_ + sign.size();
      while (next < text_.size() && is_blank(text_[next])) ++next;
      if (next >= text_.size() || !begins_size(text_.substr(next))) return false;
      const std::size_t begin = std::exchange(at_, at_ + sign.size());
      add({Token::Kind::kWord, std::string(kDiameterSign)}, begin);
      return true;
    }
    return false;
  }

  // "- Scratches", a line of a list.
  bool bullet(char c, int bytes) const {
    const std::size_t after = at_ + static_cast<std::size_t>(bytes);
    return tokens_.empty() && (c == '-' || c == '*') && after < text_.size() && is_blank(text_[after]);
  }

  std::size_t starts_item() const { return one_sentence_ || !tokens_.empty() ? 0 : item_number(text_, at_); }

  bool follows_number() const {
    return !tokens_.empty() && tokens_.back().kind == Token::Kind::kNumber &&
           start_ + static_cast<std::size_t>(tokens_.back().end) == at_;
  }

  void inches(int bytes) {
    const std::size_t begin = at_;
    at_ += static_cast<std::size_t>(bytes);
    add({Token::Kind::kWord, "inch"}, begin);
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

  // A mark that is an apostrophe too closes only where no letter follows.
  bool closes(std::string_view mark) const {
    if (!text_.substr(at_).starts_with(mark)) return false;
    const std::size_t after = at_ + mark.size();
    const bool apostrophe = mark == "'" || mark == "\xE2\x80\x99";
    return !apostrophe || after >= text_.size() || !is_word_char(text_[after]) ||
           static_cast<unsigned char>(text_[after]) >= 0x80;
  }

  void quoted(int bytes) {
    const std::size_t begin = at_;
    const auto closing = closing_marks(text_.substr(at_), bytes);
    at_ += static_cast<std::size_t>(bytes);
    for (const std::size_t inside = at_; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
      const auto mark = std::find_if(closing.begin(), closing.end(),
                                     [&](std::string_view candidate) { return closes(candidate); });
      if (mark == closing.end()) continue;
      std::string name(text_.substr(inside, at_ - inside));
      at_ += mark->size();
      return add({Token::Kind::kQuoted, std::move(name)}, begin);
    }
    leave_open(static_cast<int>(begin - start_), bytes);
  }

  void leave_open(int column, int bytes) {
    tokens_.push_back({Token::Kind::kEnd, {}, 0, column, column + bytes});
    Sentence sentence{std::string(text_.substr(start_, at_ - start_)), std::exchange(tokens_, {}),
                      static_cast<int>(start_)};
    sentence.fault = error_at(sentence, column, column + bytes, "this quotation mark is not closed");
    sentences_.push_back(std::move(sentence));
  }

  void word() {
    const std::size_t begin = at_;
    Token token{Token::Kind::kWord, {}};
    while (at_ < text_.size()) {
      const auto [meant, bytes] = spelling(text_, at_);
      const std::size_t after = at_ + static_cast<std::size_t>(bytes);
      const bool joins = (meant == "-" || meant == "'") && after < text_.size() &&
                         is_word_char(text_[after]) && spelling(text_, after).first != " ";
      const bool ends = meant == "deg" || meant == "inch" || !(is_word_char(meant[0]) || joins);
      if (ends) break;
      token.text += meant;
      at_ = after;
    }
    if (text_.substr(at_).starts_with("^2") && (at_ + 2 >= text_.size() || !is_word_char(text_[at_ + 2]))) {
      token.text += '2';
      at_ += 2;
    }
    token.text = composed_text(lower_text(token.text));
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
    sentences_.push_back({std::string(text_.substr(start_, static_cast<std::size_t>(size))),
                          std::exchange(tokens_, {}), static_cast<int>(start_)});
  }

  std::string_view text_;
  bool one_sentence_;
  std::size_t at_ = 0, start_ = 0;
  std::vector<Token> tokens_;
  std::vector<Sentence> sentences_;
};

std::vector<Sentence> lex(std::string_view text, bool one_sentence) {
  require_readable_length(text);
  const std::string plain = plain_text(decoded_text(text));
  std::vector<Sentence> sentences = Lexer(plain, one_sentence).run();
  for (const Sentence& sentence : sentences)
    if (sentence.fault) throw PlacedError(*sentence.fault);
  return sentences;
}

}  // namespace

void require_readable_length(std::string_view text) {
  if (text.size() > kLongestText) {
    fail(ErrorKind::kBadPrompt, "A prompt of {} bytes is too long; at most {} are read.", text.size(),
         kLongestText);
  }
}

std::vector<Sentence> split_sentences(std::string_view text) { return lex(text, false); }

std::vector<Sentence> split_plain(std::string_view plain) { return Lexer(plain, false).run(); }

Sentence single_sentence(std::string_view text) {
  std::vector<Sentence> sentences = lex(text, true);
  if (sentences.empty()) return {std::string(text), {Token{Token::Kind::kEnd, {}, 0, 0, 1}}};
  return std::move(sentences.front());
}

std::string text_of(const Sentence& sentence, int first, int last) {
  if (last <= first) return {};
  const int begin = sentence.tokens[static_cast<std::size_t>(first)].begin;
  const int end = sentence.tokens[static_cast<std::size_t>(last - 1)].end;
  return sentence.source.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

int find_symbol(const Sentence& sentence, std::string_view symbol) {
  const auto found = std::find_if(sentence.tokens.begin(), sentence.tokens.end(), [&](const Token& token) {
    return token.kind == Token::Kind::kSymbol && token.text == symbol;
  });
  return found == sentence.tokens.end() ? -1 : static_cast<int>(found - sentence.tokens.begin());
}

void fail_at(const Sentence& sentence, int begin, int end, const std::string& message) {
  throw error_at(sentence, begin, end, message);
}

std::string normalised_phrase(std::string_view text) {
  std::string phrase;
  for (const char c : composed_text(lower_text(plain_text(text)))) {
    if (!is_blank(c) && c != '_' && c != '\n') {
      phrase += c;
    } else if (!phrase.empty() && phrase.back() != ' ') {
      phrase += ' ';
    }
  }
  if (!phrase.empty() && phrase.back() == ' ') phrase.pop_back();
  return phrase;
}

}  // namespace anomalyvlm::prompts
