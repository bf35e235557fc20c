#include "option_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "core/closest.h"

namespace anomalyvlm::cli {
namespace {

// The whole text as a number, whatever the locale is.
template <typename Number>
std::optional<Number> number_in(const std::string& text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || read != end) return std::nullopt;
  return value;
}

}  // namespace

CLI::Validator whole_number(long long least, long long most, const std::string& why,
                            const std::string& zero) {
  const auto check = [=](const std::string& text) -> std::string {
    const std::optional<long long> value = number_in<long long>(text);
    if (value && ((*value >= least && *value <= most) || (*value == 0 && !zero.empty()))) return {};
    return fmt::format("\"{}\" is not valid; it takes a whole number from {} to {}{}{}.", text, least, most,
                       why.empty() ? "" : " (" + why + ")", zero.empty() ? "" : ", or 0 for " + zero);
  };
  return {check, fmt::format("{} to {}{}", least, most, zero.empty() ? "" : ", 0"), "whole number"};
}

CLI::Validator finite_number(double least) {
  const auto check = [=](const std::string& text) -> std::string {
    const std::optional<double> value = number_in<double>(text);
    if (value && std::isfinite(*value) && *value >= least) return {};
    return fmt::format("\"{}\" is not valid; it takes a number of {} or more.", text, least);
  };
  return {check, "", "number"};
}

CLI::Validator positive_number() {
  const auto check = [](const std::string& text) -> std::string {
    const std::optional<double> value = number_in<double>(text);
    if (value && std::isfinite(*value) && *value > 0) return {};
    return fmt::format("\"{}\" is not valid; it takes a number above 0.", text);
  };
  return {check, "", "number"};
}

CLI::Validator one_of(const std::vector<std::string>& words) {
  const auto check = [=](const std::string& text) -> std::string {
    if (std::find(words.begin(), words.end(), text) != words.end()) return {};
    const std::string meant = closest(text, words);
    return fmt::format("\"{}\" is not valid; choose from {}{}", text, fmt::join(words, ", "),
                       meant.empty() ? "." : "; did you mean " + meant + "?");
  };
  return {check, fmt::format("{}", fmt::join(words, ", ")), "word"};
}

}  // namespace anomalyvlm::cli
