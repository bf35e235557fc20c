#pragma once
// Prompts 2 and 3 over the regions of any method: which break a rule, and which are kept.
#include <span>
#include <vector>

#include "anomalyvlm/detection.h"
#include "anomalyvlm/prompt.h"

namespace anomalyvlm {

using Candidates = std::vector<Candidate>;

// Refined score of a region that is visible in a mask of the usual threshold.
constexpr double kStrong = 0.5;

// What rules on the share of the object (Unit::kOfObject) compare.
enum class AreaRule {
  kMaskOfObject,     // area of the mask, with that of the object it belongs to (paper)
  kBoxOfLargestBox,  // area of the box, with that of the largest object's box (released code)
};

// Prompt 2 (III-F): rejects those that break a rule, and, where nothing but named kinds counts, the others.
void filter(const Image& image, std::span<const InspectedObject> objects, const HybridPrompt& prompt,
            AreaRule area_rule, Candidates& candidates);

// Prompt 3 (III-G): of those not rejected the max_regions that rank highest stay, of equals the later ones;
// none or 0: all. The highest refined score stays too if it is strong: words must not decide that an image is
// good. Before that the same for each of kind_limits. Then sorts: kept ones first, each part by
// refined score times Candidate::named, highest first.
void select(const HybridPrompt& prompt, Candidates& candidates);

std::size_t count_kept(const Candidates& candidates);
Verdict verdict_of(const HybridPrompt& prompt, const Detection& found);

// Indices of the k highest scores, lowest of them first; of equal scores the higher index counts as higher.
// k = 0 or above the count: all. NaN counts as the lowest.
std::vector<int> top_k(std::span<const double> scores, int k);

}  // namespace anomalyvlm
