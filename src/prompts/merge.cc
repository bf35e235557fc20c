#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "anomalyvlm/prompt.h"
#include "prompts/grammar.h"
#include "prompts/phrase_match.h"
#include "prompts/quantities.h"

namespace anomalyvlm {
namespace {

bool same_subject(const Rule& a, const Rule& b) {
  if (a.quantity != b.quantity || a.unit != b.unit || !same_names(a.phrases, b.phrases)) return false;
  return (prompts::is_upper(a.comparison) && prompts::is_upper(b.comparison)) ||
         (prompts::is_lower(a.comparison) && prompts::is_lower(b.comparison)) || a.comparison == b.comparison;
}

// Both number their criteria from 1.
void add_rules(HybridPrompt& merged, const std::vector<Rule>& rules) {
  const int before = prompts::criteria_count(merged);
  for (Rule rule : rules) {
    if (rule.criterion != 0) rule.criterion += before;
    merged.rules.push_back(std::move(rule));
  }
}

}  // namespace

int prompts::criteria_count(const HybridPrompt& prompt) {
  int most = 0;
  for (const Rule& rule : prompt.rules) most = std::max(most, rule.criterion);
  return most;
}

bool prompts::is_alone(const HybridPrompt& prompt, const Rule& rule) {
  return std::count_if(prompt.rules.begin(), prompt.rules.end(),
                       [&](const Rule& other) { return other.criterion == rule.criterion; }) == 1;
}

void prompts::number_criteria(HybridPrompt& prompt) {
  std::map<int, int> numbers;
  for (Rule& rule : prompt.rules) {
    if (rule.criterion == 0) continue;
    rule.criterion = numbers.try_emplace(rule.criterion, static_cast<int>(numbers.size()) + 1).first->second;
  }
}

bool Rule::operator==(const Rule& o) const {
  return quantity == o.quantity && comparison == o.comparison && value == o.value && value_to == o.value_to &&
         unit == o.unit && region == o.region && phrases == o.phrases && criterion == o.criterion;
}

HybridPrompt generic_prompt() {
  return parse_prompt_text("Defect. Anomalies are smaller than 50%. At most five abnormal regions.");
}

HybridPrompt merge(const HybridPrompt& base, const HybridPrompt& over) {
  HybridPrompt merged = base;
  if (!over.phrases.empty()) merged.phrases = over.phrases;
  if (over.max_regions) merged.max_regions = over.max_regions;
  if (!over.object.empty()) merged.object = over.object;
  if (over.object_count) merged.object_count = over.object_count;
  if (over.pixel_size_mm) merged.pixel_size_mm = over.pixel_size_mm;
  if (over.limit) merged.limit = over.limit;
  merged.only_named = base.only_named || over.only_named;
  std::erase_if(merged.kind_limits, [&](const KindLimit& limit) {
    return std::any_of(over.kind_limits.begin(), over.kind_limits.end(),
                       [&](const KindLimit& newer) { return same_names(limit.phrases, newer.phrases); });
  });
  merged.kind_limits.insert(merged.kind_limits.end(), over.kind_limits.begin(), over.kind_limits.end());
  std::set<int> replaced;  // a criterion is replaced as a whole
  std::erase_if(merged.rules, [&](const Rule& rule) {
    const bool stronger = std::any_of(over.rules.begin(), over.rules.end(),
                                      [&](const Rule& newer) { return same_subject(rule, newer); });
    if (stronger && rule.criterion != 0) replaced.insert(rule.criterion);
    return stronger;
  });
  std::erase_if(merged.rules, [&](const Rule& rule) { return replaced.contains(rule.criterion); });
  add_rules(merged, over.rules);
  prompts::number_criteria(merged);
  return merged;
}

}  // namespace anomalyvlm
