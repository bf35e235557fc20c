#include <fmt/format.h>

#include "prompts/quantities.h"

namespace anomalyvlm {
namespace {

std::string quantity_text(const Rule& rule) {
  if (rule.quantity == Quantity::kLocation) return std::string(prompts::symbol(rule.comparison));
  return std::string(prompts::info(rule.quantity).name);
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
  }
  return text + "\n";
}

}  // namespace anomalyvlm
