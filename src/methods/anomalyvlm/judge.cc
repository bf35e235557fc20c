#include <algorithm>

#include "core/check.h"
#include "core/timings.h"
#include "methods/anomalyvlm/candidate_steps.h"
#include "methods/anomalyvlm/pipeline.h"
#include "methods/ignored.h"

namespace anomalyvlm {
namespace {

std::span<const Candidate> kept(const Detection& found) {
  return std::span(found.candidates).first(found.kept);
}

double maximum(const FloatMap& map) {
  return map.values.empty() ? 0
                            : static_cast<double>(*std::max_element(map.values.begin(), map.values.end()));
}

// Notes the defaults that apply; not needed if the prompt gives a number of regions.
bool is_default(const HybridPrompt& prompt) {
  const HybridPrompt usual = generic_prompt();
  return prompt.phrases == usual.phrases && prompt.rules == usual.rules &&
         prompt.max_regions == usual.max_regions;
}

bool judges_kinds(const HybridPrompt& prompt) {
  return !prompt.kind_limits.empty() || std::any_of(prompt.rules.begin(), prompt.rules.end(),
                                                    [](const Rule& rule) { return !rule.phrases.empty(); });
}

// Notes what the kept regions alone do not show. Without numbers, so that the note is the same for all
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

}  // namespace

Detection judge(const Image& image, Evidence evidence, const HybridPrompt& prompt,
                const PipelineConfig& config, const JudgeSettings& settings) {
  check_ignored(settings.ignored, image.width, image.height);
  Timings timings;
  const auto timed = [&](const char* name, auto&& stage) {
    const Timings::Scope scope(timings, name);
    return stage();
  };
  AVLM_CHECK(std::holds_alternative<RegionEvidence>(evidence.found));
  Candidates candidates = std::move(std::get<RegionEvidence>(evidence.found).candidates);
  Detection found = unjudged(std::move(evidence));
  found.ignored = settings.ignored;
  timed("filter", [&] {
    reject_ignored(found.ignored, candidates);
    filter(image, found.objects, prompt, config.area_rule, candidates);
  });
  StageOptions options = config.stages;
  options.saliency_gain = settings.saliency_gain.value_or(options.saliency_gain);
  timed("rescore", [&] { rescore(options, prompt.only_named, candidates); });
  timed("select", [&] { select(prompt, candidates); });
  found.kept = count_kept(candidates);
  found.candidates = std::move(candidates);
  found.anomaly = timed("fuse", [&] { return fuse(kept(found), image.width, image.height, config.fusion); });
  clear_ignored(found.ignored, found.anomaly);
  note_ignored(found.ignored, found.notes);
  found.image_score = maximum(found.anomaly);
  found.verdict = verdict_of(prompt, found);
  found.timings.insert(found.timings.end(), timings.stages().begin(), timings.stages().end());
  note_decisions(prompt, found);
  return found;
}

Detection detect(const ModelSet& models, const Image& image, const HybridPrompt& prompt,
                 const PipelineConfig& config, const DetectSettings& settings) {
  check_ignored(settings.ignored, image.width, image.height);  // before the costly part
  Evidence evidence = std::move(observe(models, image, {&prompt, 1}, config, settings).front());
  return judge(image, std::move(evidence), prompt, config, {.ignored = settings.ignored});
}

}  // namespace anomalyvlm
