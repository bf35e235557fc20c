#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "prompts/grammar.h"
#include "prompts/quantities.h"

namespace anomalyvlm {
namespace {

std::string quantity_text(const Rule& rule) {
  if (rule.quantity == Quantity::kLocation) return std::string(prompts::symbol(rule.comparison));
  return std::string(prompts::info(rule.quantity).name);
}

// The measures that break a rule: "an area of 5% of the object or more".
std::string broken_text(const Rule& rule) {
  const std::string_view name = prompts::info(rule.quantity).name;
  const std::string article =
      std::string_view("aeiou").find(name[0]) != std::string_view::npos ? "an " : "a ";
  const std::string bound = prompts::bound_text(rule), measure = bound.substr(bound.find(' ') + 1);
  const std::string what = article + std::string(name);
  switch (rule.comparison) {
    case Comparison::kLess:
      return fmt::format("{} of {} or more", what, measure);
    case Comparison::kAtMost:
      return fmt::format("{} above {}", what, measure);
    case Comparison::kGreater:
      return fmt::format("{} of {} or less", what, measure);
    case Comparison::kAtLeast:
      return fmt::format("{} below {}", what, measure);
    default:
      return rule.quantity == Quantity::kHue ? "another hue" : "another place";
  }
}

// ", unless rule 2 or rules 3 and 4 are met": the other criteria that can fail what breaks this one.
std::string unless_text(const HybridPrompt& prompt, const Rule& rule) {
  std::map<int, std::vector<std::size_t>> others;
  for (std::size_t i = 0; i < prompt.rules.size(); ++i) {
    const Rule& other = prompt.rules[i];
    if (other.criterion != 0 && other.criterion != rule.criterion && prompts::overlap(rule, other))
      others[other.criterion].push_back(i + 1);
  }
  std::string text;
  for (const auto& [criterion, numbers] : others)
    text += fmt::format("{}{} {}", text.empty() ? ", unless it meets " : " or ",
                        numbers.size() == 1 ? "rule" : "rules", fmt::join(numbers, " and "));
  return text;
}

// What becomes of the regions that break a rule. People take "smaller than 5%" for a tolerance, and miss that
// the gravest defects are the first to go.
std::string outcome_text(const HybridPrompt& prompt, const Rule& rule) {
  const std::string whose = rule.phrases.empty() ? "" : fmt::format("{}: ", fmt::join(rule.phrases, ", "));
  const bool size = rule.quantity == Quantity::kArea || rule.quantity == Quantity::kLength ||
                    rule.quantity == Quantity::kWidth;
  if (rule.criterion != 0)
    return fmt::format("{}{} is tolerated, not reported{}", whose, broken_text(rule),
                       unless_text(prompt, rule));
  return fmt::format("{}{} is discarded, not reported{}", whose, broken_text(rule),
                     size && prompts::is_upper(rule.comparison) ? ": a gross defect passes" : "");
}

std::string kept_text(int count) {
  return count == 0   ? "all regions that meet the rules"
         : count == 1 ? "the best region"
                      : fmt::format("the {} best regions", count);
}

}  // namespace

std::string describe(const Rule& rule) {
  std::string text = quantity_text(rule) + " " + prompts::bound_text(rule);
  if (!rule.phrases.empty()) text += fmt::format(" ({} only)", fmt::join(rule.phrases, ", "));
  return text;
}

std::string describe(const HybridPrompt& prompt) {
  std::string text = "look for:   ";
  text += fmt::format("{}", fmt::join(sought_phrases(prompt), ", "));
  if (prompt.phrases.empty()) text += "   (no names were given)";
  if (prompt.only_named) text += "   (nothing else counts)";
  text += "\nobject:     " + (prompt.object.empty() ? std::string("the whole image") : prompt.object);
  if (prompt.object_count) text += fmt::format(", {} in the image", *prompt.object_count);
  if (prompt.pixel_size_mm) text += "\npixel size: " + prompts::number_text(*prompt.pixel_size_mm) + " mm";
  text += "\nkeep:       ";
  text += kept_text(prompt.max_regions.value_or(0));
  for (const KindLimit& limit : prompt.kind_limits)
    text +=
        fmt::format("\n            of {}: {}", fmt::join(limit.phrases, ", "), kept_text(limit.max_regions));
  if (prompt.limit)
    text += "\nlimit:      an image with a score of " + prompts::number_text(*prompt.limit) +
            " or more is not OK";
  text += "\nrules:      " + std::string(prompt.rules.empty() ? "none" : "");
  for (std::size_t i = 0; i < prompt.rules.size(); ++i) {
    const Rule& rule = prompt.rules[i];
    const std::string meaning = describe(rule);
    text += fmt::format("{}{}. {}", i == 0 ? "" : "\n            ", i + 1, meaning);
    if (!rule.text.empty() && rule.text != meaning) text += "   <- " + rule.text;
    text += "\n               " + outcome_text(prompt, rule);
  }
  return text + "\n";
}

}  // namespace anomalyvlm
