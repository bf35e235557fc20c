#include <algorithm>

#include "anomalyvlm/prompt.h"
#include "prompts/phrase_match.h"
#include "prompts/quantities.h"

namespace anomalyvlm {
namespace {

bool same_subject(const Rule& a, const Rule& b) {
  if (a.quantity != b.quantity || a.unit != b.unit || !same_names(a.phrases, b.phrases)) return false;
  return (prompts::is_upper(a.comparison) && prompts::is_upper(b.comparison)) ||
         (prompts::is_lower(a.comparison) && prompts::is_lower(b.comparison)) || a.comparison == b.comparison;
}

}  // namespace

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
  std::erase_if(merged.rules, [&](const Rule& rule) {
    return std::any_of(over.rules.begin(), over.rules.end(),
                       [&](const Rule& newer) { return same_subject(rule, newer); });
  });
  merged.rules.insert(merged.rules.end(), over.rules.begin(), over.rules.end());
  return merged;
}

}  // namespace anomalyvlm
