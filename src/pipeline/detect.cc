#include <algorithm>

#include "core/timings.h"
#include "pipeline/candidates.h"
#include "pipeline/pipeline.h"

namespace anomalyvlm {
namespace {

std::span<const Candidate> kept(const Detection& found) {
  return std::span(found.candidates).first(found.kept);
}

std::size_t count_kept(const Candidates& candidates) {
  return static_cast<std::size_t>(std::count_if(
      candidates.begin(), candidates.end(), [](const Candidate& c) { return !c.rejected_by.has_value(); }));
}

double maximum(const FloatMap& map) {
  return map.values.empty() ? 0
                            : static_cast<double>(*std::max_element(map.values.begin(), map.values.end()));
}

// Back to what gather() gave.
void forget_decisions(Candidates& candidates) {
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.id < b.id; });
  for (Candidate& candidate : candidates) {
    const auto& rejected = candidate.rejected_by;
    if (rejected && (rejected->by == Rejection::By::kRule || rejected->by == Rejection::By::kMaxRegions ||
                     rejected->by == Rejection::By::kKindLimit))
      candidate.rejected_by.reset();
  }
}

// In place of an earlier call's times.
void note_times(const Timings& timings, Detection& found) {
  for (const auto& [stage, seconds] : timings.stages()) {
    std::erase_if(found.timings, [&](const auto& earlier) { return earlier.first == stage; });
    found.timings.emplace_back(stage, seconds);
  }
}

}  // namespace

void decide(const Image& image, const HybridPrompt& prompt, const PipelineConfig& config, Detection& found) {
  Timings timings;
  const auto timed = [&](const char* name, auto&& stage) {
    const Timings::Scope scope(timings, name);
    return stage();
  };
  forget_decisions(found.candidates);
  timed("filter", [&] { filter(image, found.objects, prompt, config, found.candidates); });
  timed("rescore", [&] { rescore(config.stages, found.candidates); });
  timed("select", [&] { select(prompt, found.candidates); });
  found.kept = count_kept(found.candidates);
  found.anomaly = timed("fuse", [&] { return fuse(kept(found), image.width, image.height, config.fusion); });
  found.image_score = maximum(found.anomaly);
  note_times(timings, found);
}

Detection detect(const ModelSet& models, const Image& image, const HybridPrompt& prompt,
                 const PipelineConfig& config) {
  Detection found = std::move(gather(models, image, {&prompt, 1}, config).front());
  decide(image, prompt, config, found);
  return found;
}

}  // namespace anomalyvlm
