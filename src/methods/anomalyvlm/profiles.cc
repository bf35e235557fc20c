// The profiles, and what they ask the region generator.
#include <array>

#include "core/check.h"
#include "methods/anomalyvlm/pipeline.h"
#include "prompts/saa_ensemble.h"
#include "references/bank.h"

namespace anomalyvlm {

std::span<const PipelineConfig> profiles() {
  static const std::array rows = {
      // The embedded default. The usual saliency makes 0.5 a fair threshold for the map on synthetic images.
      PipelineConfig{.name = "nano",
                     .stages = {.usual_saliency = 0.48},
                     .soft_masks = true,
                     .fusion = Fusion::kSoftMaximum},
      // A mask of a large image takes tens of megabytes, and what an image really shows is among fewer than
      // 200.
      PipelineConfig{.name = "paper", .stages = {.max_proposals = 200}},
      // The released code, for comparing with its published results.
      PipelineConfig{.name = "saa-plus",
                     .stages = {.phrases = PhraseReading::kAllTokens,
                                .colors = ColorOrder::kBgr,
                                .saliency_of_farthest = true,
                                .saliency_factor = 0.5,
                                .saliency_gain = 3,
                                .saliency_scope = SaliencyScope::kOtherObjects,
                                .object_choice = ObjectChoice::kBelowShare},
                     .text_ensemble = true,
                     .empty_masks_count = true,
                     .area_rule = AreaRule::kBoxOfLargestBox,
                     .fusion = Fusion::kReleasedCode},
  };
  return rows;
}

const PipelineConfig& profile_named(std::string_view name) {
  std::string known;
  for (const PipelineConfig& row : profiles()) {
    if (row.name == name) return row;
    const bool last = &row == &profiles().back();
    known += (known.empty() ? "" : last ? " and " : ", ") + row.name;
  }
  fail(ErrorKind::kBadInput, "There is no profile \"{}\"; there are {}.", name, known);
}

StageOptions stage_options(const PipelineConfig& config, const DetectSettings& settings) {
  StageOptions options = config.stages;
  options.references = settings.references.bank().get();
  return options;
}

std::vector<TextQuery> text_queries(const HybridPrompt& prompt, const PipelineConfig& config) {
  if (!config.queries.empty()) return config.queries;
  const std::vector<std::string> phrases = sought_phrases(prompt);
  if (!config.text_ensemble || prompt.object.empty()) return {{phrases, ""}};
  std::vector<TextQuery> queries;
  for (const SaaPrompt& general : saa_ensemble(prompt.object))
    queries.push_back({{general.text}, general.filter_phrase});
  queries.push_back({phrases, prompt.object});
  return queries;
}

}  // namespace anomalyvlm
