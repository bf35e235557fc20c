#include "methods/candidates.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include <fmt/ranges.h>

#include "core/check.h"
#include "methods/region_rules.h"
#include "prompts/phrase_match.h"
#include "roles/proposal.h"

namespace anomalyvlm {
namespace {

float largest_box(std::span<const InspectedObject> objects) {
  float largest = 0;
  for (const InspectedObject& object : objects) largest = std::max(largest, object.box.area());
  return largest;
}

// Checks candidates against the rules; holds what they share.
class RuleCheck {
 public:
  RuleCheck(const Image& image, std::span<const InspectedObject> objects, const HybridPrompt& prompt,
            AreaRule area_rule)
      : prompt_(prompt), area_rule_(area_rule), largest_box_(largest_box(objects)) {
    for (const InspectedObject& object : objects)
      scenes_.push_back(std::make_unique<MeasureScene>(image, object));
  }

  std::optional<Rejection> broken_rule(const Candidate& candidate) const {
    const RegionMeasures measures(candidate.mask, candidate.confidence,
                                  *scenes_[static_cast<std::size_t>(candidate.object)]);
    auto broken = first_violation(prompt_.rules, candidate.phrase, [&](const Rule& rule) {
      return by_box(rule) ? static_cast<double>(candidate.proposal_box.area() / largest_box_)
                          : measured_value(rule, measures, prompt_.pixel_size_mm);
    });
    if (!broken) return std::nullopt;
    return Rejection{Rejection::By::kRule, broken->rule, broken->measured, std::move(broken->text)};
  }

 private:
  bool by_box(const Rule& rule) const {
    return area_rule_ == AreaRule::kBoxOfLargestBox && rule.quantity == Quantity::kArea &&
           rule.unit == Unit::kOfObject;
  }

  const HybridPrompt& prompt_;
  AreaRule area_rule_;
  float largest_box_;
  std::vector<std::unique_ptr<MeasureScene>> scenes_;  // one per object
};

// The place of each candidate that is not rejected.
std::vector<std::size_t> survivors(const Candidates& candidates) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (!candidates[i].rejected_by) places.push_back(i);
  return places;
}

bool applies(const KindLimit& limit, std::string_view phrase) {
  return std::any_of(limit.phrases.begin(), limit.phrases.end(),
                     [&](const std::string& named) { return names_phrase(named, phrase); });
}

std::string rank_text(const Candidate& candidate) {
  if (candidate.named >= 1) return fmt::format("refined score {:.3g}", candidate.refined_score);
  return fmt::format("refined score {:.3g}, which ranks as {:.3g}, for it is of a named kind by {:.0f}%",
                     candidate.refined_score, candidate.rank(), 100 * candidate.named);
}

// Of some candidates those that are kept, the highest rank first.
struct Best {
  std::vector<std::size_t> places;
  bool strongest_for_last = false;  // the last would not be among them by its rank
};

// The k that rank highest of the candidates at `places`. Where none of them is as strong as the strongest of
// all, that one stays in the place of the last: words must not decide that an image is good.
Best best_of(const std::vector<std::size_t>& places, int k, const Candidates& candidates) {
  std::vector<double> ranks;
  for (const std::size_t i : places) ranks.push_back(candidates[i].rank());
  Best best;
  for (const int i : top_k(ranks, k)) best.places.push_back(places[static_cast<std::size_t>(i)]);
  std::reverse(best.places.begin(), best.places.end());
  const auto strongest = [&](const std::vector<std::size_t>& some) {
    return *std::max_element(some.begin(), some.end(), [&](std::size_t a, std::size_t b) {
      return candidates[a].refined_score < candidates[b].refined_score;
    });
  };
  const std::size_t first = strongest(places);
  const double score = candidates[first].refined_score;
  if (score >= kStrong && candidates[strongest(best.places)].refined_score < score) {
    best.places.back() = first;
    best.strongest_for_last = true;
  }
  return best;
}

// Of the candidates at `places` all but the k best (0: none) are rejected as `rejection` says. `whose` is for
// the text: " of scratches".
void keep_best(const std::vector<std::size_t>& places, int k, const Rejection& rejection,
               const std::string& whose, Candidates& candidates) {
  if (k <= 0 || places.size() <= static_cast<std::size_t>(k)) return;
  const Best best = best_of(places, k, candidates);
  const std::string last = best.strongest_for_last ? "the strongest region of all among them"
                                                   : fmt::format("the last of them has {:.3g}",
                                                                 candidates[best.places.back()].rank());
  for (const std::size_t i : places) {
    if (std::find(best.places.begin(), best.places.end(), i) != best.places.end()) continue;
    Candidate& candidate = candidates[i];
    candidate.rejected_by = {
        rejection.by, rejection.rule, candidate.rank(),
        fmt::format("{}; the limit: the {} best{} are kept, {}", rank_text(candidate), k, whose, last)};
  }
}

}  // namespace

double Candidate::rank() const {
  constexpr double kOfOthers = 0.25;  // a strong defect of another kind is better than noise of a named one
  return refined_score * (kOfOthers + (1 - kOfOthers) * named);
}

std::vector<int> top_k(std::span<const double> scores, int k) {
  std::vector<int> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  const auto value = [&](int i) {
    const double score = scores[static_cast<std::size_t>(i)];
    return std::isnan(score) ? -HUGE_VAL : score;
  };
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return value(a) < value(b); });
  const auto count = static_cast<int>(order.size());
  if (k > 0 && k < count) order.erase(order.begin(), order.end() - k);
  return order;
}

void filter(const Image& image, std::span<const InspectedObject> objects, const HybridPrompt& prompt,
            AreaRule area_rule, Candidates& candidates) {
  const RuleCheck rules(image, objects, prompt, area_rule);
  for (Candidate& candidate : candidates) {
    if (candidate.rejected_by) continue;
    if (prompt.only_named && candidate.named < kNamedAbove) {
      candidate.rejected_by = {Rejection::By::kNotNamed, -1, candidate.named,
                               fmt::format("of a named kind by {:.0f}% only", 100 * candidate.named)};
      continue;
    }
    candidate.rejected_by = rules.broken_rule(candidate);
  }
}

void select(const HybridPrompt& prompt, Candidates& candidates) {
  for (std::size_t i = 0; i < prompt.kind_limits.size(); ++i) {
    const KindLimit& limit = prompt.kind_limits[i];
    std::vector<std::size_t> places = survivors(candidates);
    std::erase_if(places, [&](std::size_t place) { return !applies(limit, candidates[place].phrase); });
    keep_best(places, limit.max_regions, {Rejection::By::kKindLimit, static_cast<int>(i), 0, {}},
              fmt::format(" of {}", fmt::join(limit.phrases, ", ")), candidates);
  }
  keep_best(survivors(candidates), prompt.max_regions.value_or(0), {Rejection::By::kMaxRegions, -1, 0, {}},
            "", candidates);
  std::reverse(candidates.begin(), candidates.end());  // of equal scores the later one comes first
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    if (a.rejected_by.has_value() != b.rejected_by.has_value()) return !a.rejected_by.has_value();
    return a.refined_score * a.named > b.refined_score * b.named;
  });
}

std::size_t count_kept(const Candidates& candidates) {
  return static_cast<std::size_t>(std::count_if(
      candidates.begin(), candidates.end(), [](const Candidate& c) { return !c.rejected_by.has_value(); }));
}

Verdict verdict_of(const HybridPrompt& prompt, const Detection& found) {
  if (!prompt.limit) return Verdict::kNone;
  const bool passes = found.image_score < *prompt.limit && found.no_content.empty();
  return passes ? Verdict::kOk : Verdict::kNotOk;
}

}  // namespace anomalyvlm
