#include "methods/anomalyvlm/candidate_steps.h"

#include <cmath>

#include "core/check.h"
#include "methods/anomalyvlm/rescore.h"

namespace anomalyvlm {
namespace {

double distance(const Box& a, const Box& b) {
  return std::hypot((a.x0 + a.x1) / 2 - (b.x0 + b.x1) / 2, (a.y0 + a.y1) / 2 - (b.y0 + b.y1) / 2);
}

// Pixels that are inside of both.
double shared_area(const Region& region, const InspectedObject& object) {
  const Box& box = object.box;
  std::int64_t shared = 0;
  region.for_each_run([&](int y, int begin, int end) {
    const float cy = static_cast<float>(y) + 0.5F;
    for (int x = begin; x < end; ++x) {
      const float cx = static_cast<float>(x) + 0.5F;
      shared += object.mask.empty() ? cx >= box.x0 && cx < box.x1 && cy >= box.y0 && cy < box.y1
                                    : object.mask.is_inside(x, y);
    }
  });
  return static_cast<double>(shared);
}

int object_of(const Candidate& candidate, std::span<const InspectedObject> objects) {
  if (objects.size() == 1) return 0;
  std::size_t best = 0, nearest = 0;
  double most = 0;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const double shared = shared_area(candidate.mask, objects[i]);
    if (shared > most) {
      most = shared;
      best = i;
    }
    if (distance(candidate.proposal_box, objects[i].box) <
        distance(candidate.proposal_box, objects[nearest].box))
      nearest = i;
  }
  return static_cast<int>(most > 0 ? best : nearest);
}

bool names_object(const TextQuery& asked, const Candidate& candidate) {
  return !asked.not_phrase.empty() && candidate.phrase.find(asked.not_phrase) != std::string::npos;
}

}  // namespace

void place(std::span<const InspectedObject> objects, const PipelineConfig& config,
           std::span<const TextQuery* const> asked, Candidates& candidates) {
  AVLM_CHECK(asked.size() == candidates.size() && !objects.empty());
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    Candidate& candidate = candidates[i];
    candidate.object = object_of(candidate, objects);
    if (candidate.rejected_by) continue;
    if (names_object(*asked[i], candidate)) {
      candidate.rejected_by = {
          Rejection::By::kObjectName, -1, candidate.confidence,
          fmt::format("\"{}\" names the object (\"{}\")", candidate.phrase, asked[i]->not_phrase)};
    } else if (candidate.mask.bounds().empty() && !config.empty_masks_count) {
      candidate.rejected_by = {Rejection::By::kEmptyMask, -1, 0, "its mask is empty"};
    }
  }
}

void measure_saliency(const FloatMap& saliency, Candidates& candidates) {
  for (Candidate& candidate : candidates) candidate.saliency = mean_inside(saliency, candidate.mask);
}

void rescore(const StageOptions& options, bool only_named, Candidates& candidates) {
  for (Candidate& candidate : candidates)
    candidate.refined_score =
        refined_score(only_named ? candidate.confidence * candidate.named : candidate.confidence,
                      candidate.saliency - options.usual_saliency, options.saliency_gain);
}

FloatMap fuse(std::span<const Candidate> kept, int width, int height, Fusion fusion) {
  std::vector<ScoredRegion> regions;  // lowest score first: the order of the sums
  for (std::size_t i = kept.size(); i-- > 0;) regions.push_back({&kept[i].mask, kept[i].refined_score});
  if (fusion == Fusion::kSoftMaximum) return soft_maximum(regions, width, height);
  return fuse(
      regions, width, height,
      fusion == Fusion::kMeanOfCovering ? FusionDenominator::kCount : FusionDenominator::kOnePlusCount);
}

}  // namespace anomalyvlm
