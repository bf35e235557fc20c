// The profiles, and what they ask the region generator.
#include "core/check.h"
#include "methods/anomalyvlm/pipeline.h"
#include "prompts/saa_ensemble.h"

namespace anomalyvlm {

PipelineConfig PipelineConfig::paper() {
  PipelineConfig config;
  // A mask of a large image takes tens of megabytes, and what an image really shows is among fewer.
  config.stages.max_proposals = 200;
  return config;
}

PipelineConfig PipelineConfig::saa_plus() {
  PipelineConfig config;
  config.name = "saa-plus";
  config.stages.phrases = PhraseReading::kAllTokens;
  config.stages.colors = ColorOrder::kBgr;
  config.stages.saliency_of_farthest = true;
  config.stages.saliency_factor = 0.5;
  config.stages.saliency_scope = SaliencyScope::kOtherObjects;
  config.stages.object_choice = ObjectChoice::kBelowShare;
  config.text_ensemble = true;
  config.empty_masks_count = true;
  config.area_rule = AreaRule::kBoxOfLargestBox;
  config.stages.saliency_gain = 3;
  config.fusion = Fusion::kReleasedCode;
  return config;
}

PipelineConfig PipelineConfig::nano() {
  PipelineConfig config;
  config.name = "nano";
  config.soft_masks = true;
  config.stages.usual_saliency = 0.48;  // so that 0.5 is a fair threshold for the map on synthetic images
  config.fusion = Fusion::kSoftMaximum;
  return config;
}

PipelineConfig PipelineConfig::by_name(const std::string& name) {
  for (const PipelineConfig& config : {nano(), paper(), saa_plus()})
    if (config.name == name) return config;
  fail(ErrorKind::kBadInput, "There is no profile \"{}\"; there are nano, paper and saa-plus.", name);
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
