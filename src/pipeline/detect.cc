#include <algorithm>

#include "core/check.h"
#include "core/timings.h"
#include "pipeline/candidates.h"
#include "pipeline/ignored.h"
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
    if (rejected && rejected->by != Rejection::By::kObjectName && rejected->by != Rejection::By::kEmptyMask)
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

// What holds where nothing was said; who gives a number of regions knows it.
bool is_default(const HybridPrompt& prompt) {
  const HybridPrompt usual = generic_prompt();
  return prompt.phrases == usual.phrases && prompt.rules == usual.rules &&
         prompt.max_regions == usual.max_regions;
}

bool judges_kinds(const HybridPrompt& prompt) {
  return !prompt.kind_limits.empty() || std::any_of(prompt.rules.begin(), prompt.rules.end(),
                                                    [](const Rule& rule) { return !rule.phrases.empty(); });
}

// What a person would not see in the kept regions alone. Without numbers, so that it is the same note for all
// images.
void note_decisions(const HybridPrompt& prompt, Detection& found) {
  const std::span<const Candidate> best = kept(found);
  if (std::any_of(best.begin(), best.end(), [](const Candidate& c) { return c.named < kNamedAbove; }))
    found.notes.push_back(fmt::format(
        "Regions of other kinds than those named count too{}; \"Nothing else counts.\" (--only-named) leaves "
        "them out.",
        judges_kinds(prompt) ? ", whatever is said of the named ones" : ""));
  const std::span<const Candidate> others = std::span(found.candidates).subspan(found.kept);
  const bool more = std::any_of(others.begin(), others.end(), [](const Candidate& c) {
    return c.rejected_by->by == Rejection::By::kMaxRegions && c.refined_score >= kStrong;
  });
  if (more && is_default(prompt))
    found.notes.push_back(fmt::format(
        "More strong regions were found than the {} that the prompt keeps; --max-regions 0 keeps all.",
        prompt.max_regions.value_or(0)));
  if (prompt.rules.empty() && prompt.kind_limits.empty() && !prompt.max_regions)
    found.notes.emplace_back(
        "The prompt has names only, so regions of every size and number count; without a prompt it is at "
        "most five regions of less than half of the object.");
}

Verdict verdict_of(const HybridPrompt& prompt, double image_score) {
  if (!prompt.limit) return Verdict::kNone;
  return image_score >= *prompt.limit ? Verdict::kNotOk : Verdict::kOk;
}

}  // namespace

void decide(const Image& image, const HybridPrompt& prompt, const PipelineConfig& config, Detection& found) {
  Timings timings;
  const auto timed = [&](const char* name, auto&& stage) {
    const Timings::Scope scope(timings, name);
    return stage();
  };
  check_ignored(found.ignored, image.width, image.height);
  forget_decisions(found.candidates);
  timed("filter", [&] {
    reject_ignored(found.ignored, found.candidates);
    filter(image, found.objects, prompt, config, found.candidates);
  });
  timed("rescore", [&] { rescore(config.stages, prompt.only_named, found.candidates); });
  timed("select", [&] { select(prompt, found.candidates); });
  found.kept = count_kept(found.candidates);
  found.anomaly = timed("fuse", [&] { return fuse(kept(found), image.width, image.height, config.fusion); });
  clear_ignored(found.ignored, found.anomaly);
  found.image_score = maximum(found.anomaly);
  found.verdict = verdict_of(prompt, found.image_score);
  note_times(timings, found);
}

void judge(const Image& image, const HybridPrompt& prompt, const PipelineConfig& config,
           const DetectSettings& settings, Detection& found) {
  found.ignored = settings.ignored;
  decide(image, prompt, config, found);
  note_decisions(prompt, found);
}

Detection detect(const ModelSet& models, const Image& image, const HybridPrompt& prompt,
                 const PipelineConfig& config, const DetectSettings& settings) {
  check_ignored(settings.ignored, image.width, image.height);  // before the costly part
  Detection found = std::move(gather(models, image, {&prompt, 1}, config, settings).front());
  judge(image, prompt, config, settings, found);
  return found;
}

}  // namespace anomalyvlm
