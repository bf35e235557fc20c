#pragma once
// An image, a prompt and short looks at the result for tests of detect().
#include <optional>
#include <stdexcept>
#include <vector>

#include "anomalyvlm/detection.h"
#include "anomalyvlm/image.h"
#include "anomalyvlm/prompt.h"

namespace anomalyvlm::test {

inline constexpr int kWidth = 20, kHeight = 10;

inline Image grey_image(int width = kWidth, int height = kHeight) {
  return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height * 3, 100)};
}

inline HybridPrompt cracks(std::vector<Rule> rules = {}, std::optional<int> k = {}) {
  return {.phrases = {"crack"},
          .rules = std::move(rules),
          .max_regions = k,
          .kind_limits = {},
          .limit = {},
          .object = {},
          .object_count = {},
          .pixel_size_mm = {}};
}

inline Rule area_below(double share, Unit unit = Unit::kOfObject) {
  Rule rule;
  rule.quantity = Quantity::kArea;
  rule.comparison = Comparison::kLess;
  rule.value = share;
  rule.unit = unit;
  return rule;
}

inline std::vector<int> ids(const Detection& found) {
  std::vector<int> ids;
  for (const Candidate& c : found.candidates) ids.push_back(c.id);
  return ids;
}

inline const Candidate& candidate(const Detection& found, int id) {
  for (const Candidate& c : found.candidates)
    if (c.id == id) return c;
  throw std::runtime_error("no such candidate");
}

}  // namespace anomalyvlm::test
