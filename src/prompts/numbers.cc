#include <array>
#include <cmath>
#include <utility>

#include "prompts/grammar.h"

namespace anomalyvlm::prompts {
namespace {

using Row = std::pair<std::string_view, double>;

constexpr std::array<Row, 20> kSmall = {
    {{"zero", 0},     {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
     {"five", 5},     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
     {"ten", 10},     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
     {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19}}};
constexpr std::array<Row, 8> kTens = {{{"twenty", 20},
                                       {"thirty", 30},
                                       {"forty", 40},
                                       {"fifty", 50},
                                       {"sixty", 60},
                                       {"seventy", 70},
                                       {"eighty", 80},
                                       {"ninety", 90}}};
constexpr std::array<Row, 9> kParts = {{{"half", 0.5},
                                        {"third", 1.0 / 3},
                                        {"thirds", 1.0 / 3},
                                        {"quarter", 0.25},
                                        {"quarters", 0.25},
                                        {"fifth", 0.2},
                                        {"fifths", 0.2},
                                        {"tenth", 0.1},
                                        {"tenths", 0.1}}};

template <std::size_t N>
std::optional<double> find(const std::array<Row, N>& table, std::string_view word) {
  for (const auto& [name, value] : table) {
    if (name == word) return value;
  }
  return std::nullopt;
}

// A single word below one hundred: "seven", "twenty", "twenty-five".
std::optional<double> below_hundred(std::string_view word) {
  if (const auto value = find(kSmall, word)) return value;
  if (const auto value = find(kTens, word)) return value;
  const std::size_t hyphen = word.find('-');
  if (hyphen == std::string_view::npos) return std::nullopt;
  const auto tens = find(kTens, word.substr(0, hyphen));
  const auto ones = find(kSmall, word.substr(hyphen + 1));
  if (!tens || !ones || *ones < 1 || *ones > 9) return std::nullopt;
  return *tens + *ones;
}

std::optional<double> accept_below_hundred(Cursor& at) {
  if (at.peek().kind != Token::Kind::kWord) return std::nullopt;
  const auto value = below_hundred(at.peek().text);
  if (!value) return std::nullopt;
  at.advance();
  if (*value < 20 || std::fmod(*value, 10) != 0) return value;
  if (at.peek().kind != Token::Kind::kWord) return value;
  const auto ones = find(kSmall, at.peek().text);  // "twenty five"
  if (!ones || *ones < 1 || *ones > 9) return value;
  at.advance();
  return *value + *ones;
}

// "half", "a third", "two thirds", "half a dozen"; `count` was read before it.
std::optional<double> accept_part(Cursor& at, double count) {
  const auto part = at.peek().kind == Token::Kind::kWord ? find(kParts, at.peek().text) : std::nullopt;
  if (!part) return std::nullopt;
  at.advance();
  if (*part == 0.5 && at.accept("a dozen")) return 6;
  return count * *part;
}

std::optional<double> accept_words(Cursor& at) {
  const bool article = at.accept("a") || at.accept("an");
  std::optional<double> value = article ? 1.0 : accept_below_hundred(at);
  if (const auto part = accept_part(at, value.value_or(1))) return part;
  if (at.accept("dozen")) return value.value_or(1) * 12;
  if (article && at.accept("single")) return 1;
  bool scaled = false;
  if (at.accept("hundred")) {
    value = value.value_or(1) * 100 + accept_below_hundred(at).value_or(0);
    scaled = true;
  }
  if (at.accept("thousand")) {
    value = value.value_or(1) * 1000;
    scaled = true;
  }
  if (article && !scaled) return std::nullopt;
  return value;
}

}  // namespace

std::optional<double> accept_number(Cursor& at) {
  const int start = at.position();
  const bool minus = at.is("-") && at.peek(1).kind == Token::Kind::kNumber;
  if (minus) at.advance();
  if (at.peek().kind == Token::Kind::kNumber) {
    const double value = at.peek().number;
    if (!std::isfinite(value)) at.fail("this number is too large");
    at.advance();
    return minus ? -value : value;
  }
  const auto value = accept_words(at);
  if (!value) at.rewind(start);
  return value;
}

bool is_number_word(std::string_view word) {
  return below_hundred(word) || word == "half" || word == "dozen" || word == "hundred" || word == "thousand";
}

}  // namespace anomalyvlm::prompts
