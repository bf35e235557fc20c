#include "methods/dense.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/check.h"
#include "core/timings.h"
#include "methods/candidates.h"
#include "methods/ignored.h"
#include "regions/combine.h"
#include "regions/watershed.h"

namespace anomalyvlm {
namespace {

// A region reaches down to half of its height above the median, and weak ripples are none.
constexpr WatershedOptions kRegions = {.depth = 0.5F, .valley = 0.5F, .least_peak = 0, .most = 40};
constexpr float kLeastOfHighest = 0.25F;

// Of the values above 0, which are those that are known.
float median_of_known(const FloatMap& map) {
  std::vector<float> known;
  for (const float value : map.values)
    if (value > 0) known.push_back(value);
  if (known.empty()) return 0;
  const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
  std::nth_element(known.begin(), middle, known.end());
  return *middle;
}

// Throws Error(kBadInput) for evidence of a prompt with more phrases.
std::string phrase_at(const DenseEvidence& evidence, int x, int y, const std::vector<std::string>& phrases) {
  if (evidence.phrase.values.empty()) return generic_prompt().phrases.front();
  const auto index = static_cast<std::size_t>(evidence.phrase.at(x, y));
  if (index >= phrases.size())
    fail(ErrorKind::kBadInput, "This evidence is of other phrases than {}.", fmt::join(phrases, ", "));
  return phrases[index];
}

Candidates regions_of(const DenseEvidence& evidence, const std::vector<std::string>& phrases, float median) {
  FloatMap above = evidence.map;
  float highest = 0;
  for (float& value : above.values) {
    value = std::max(0.0F, value - median);
    highest = std::max(highest, value);
  }
  Candidates candidates;
  if (highest <= 0) return candidates;
  WatershedOptions options = kRegions;
  options.least_peak = kLeastOfHighest * highest;
  for (WatershedRegion& found : watershed(above, options)) {
    Candidate candidate;
    candidate.id = static_cast<int>(candidates.size());
    candidate.mask = std::move(found.mask);
    candidate.proposal_box = to_box(candidate.mask.rect());
    candidate.box = to_box(candidate.mask.bounds());
    candidate.phrase = phrase_at(evidence, found.peak_x, found.peak_y, phrases);
    candidate.confidence = static_cast<double>(found.peak / highest);
    candidate.refined_score = static_cast<double>(evidence.map.at(found.peak_x, found.peak_y));
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

// Regions that were rejected other than for the number of regions.
void lower_rejected(const Candidates& candidates, float median, FloatMap& map) {
  for (const Candidate& candidate : candidates) {
    if (!candidate.rejected_by) continue;
    candidate.mask.for_each_value(
        [&](int x, int y, float) { map.at(x, y) = std::min(map.at(x, y), median); });
  }
}

float highest_of(const FloatMap& map) { return *std::max_element(map.values.begin(), map.values.end()); }

bool is_of_object(const Rule& rule) {
  return rule.unit == Unit::kOfObject || rule.quantity == Quantity::kEdgeDistance ||
         (rule.quantity == Quantity::kLocation && rule.region.empty());
}

void note_what_is_ignored(const HybridPrompt& prompt, PromptWords words, std::vector<std::string>& notes) {
  const bool kinds = !prompt.kind_limits.empty() || prompt.only_named ||
                     std::any_of(prompt.rules.begin(), prompt.rules.end(),
                                 [](const Rule& rule) { return !rule.phrases.empty(); });
  if (words != PromptWords::kPhrases && (kinds || sought_phrases(prompt) != generic_prompt().phrases))
    notes.push_back(
        fmt::format("This method takes no words{}: names of defects, and rules and limits for single kinds, "
                    "have no effect.",
                    words == PromptWords::kObject ? " but the object's name" : ""));
  const bool relative = std::any_of(prompt.rules.begin(), prompt.rules.end(), is_of_object);
  const bool named = !prompt.object.empty() && words != PromptWords::kObject;
  if (named || prompt.object_count || (relative && !prompt.object.empty()))
    notes.emplace_back(
        "This method does not look for objects: shares, edge and inside of the object are those of the whole "
        "image.");
}

}  // namespace

Detection DenseJudge::judge(const Image& image, Evidence evidence, const HybridPrompt& prompt,
                            const JudgeSettings& settings) const {
  check_ignored(settings.ignored, image.width, image.height);
  AVLM_CHECK(std::holds_alternative<DenseEvidence>(evidence.found));
  Timings timings;
  DenseEvidence dense = std::move(std::get<DenseEvidence>(evidence.found));
  Detection found = unjudged(std::move(evidence));
  {
    const Timings::Scope scope(timings, "judge");
    HybridPrompt rules = prompt;
    if (words_ != PromptWords::kPhrases) {  // it knows no kinds
      std::erase_if(rules.rules, [](const Rule& rule) { return !rule.phrases.empty(); });
      rules.kind_limits.clear();
      rules.only_named = false;
    }
    const float median = median_of_known(dense.map);
    found.candidates = regions_of(dense, sought_phrases(prompt), median);
    found.ignored = settings.ignored;
    reject_ignored(found.ignored, found.candidates);
    filter(image, found.objects, rules, AreaRule::kMaskOfObject, found.candidates);
    found.anomaly = std::move(dense.map);
    const float highest = highest_of(found.anomaly);
    lower_rejected(found.candidates, median, found.anomaly);
    clear_ignored(found.ignored, found.anomaly);
    note_ignored(found.ignored, found.notes);
    select(rules, found.candidates);
    found.kept = count_kept(found.candidates);
    // In the score's own unit, whatever it is to the map.
    const float left = highest_of(found.anomaly);
    found.image_score =
        left < highest ? dense.score * static_cast<double>(left) / static_cast<double>(highest) : dense.score;
    found.verdict = verdict_of(prompt, found);
    note_what_is_ignored(prompt, words_, found.notes);
  }
  found.timings.insert(found.timings.end(), timings.stages().begin(), timings.stages().end());
  return found;
}

}  // namespace anomalyvlm
