#pragma once
// The method: propose, refine, filter, saliency, rescore, select, fuse (paper, III-B). Every choice in which
// the paper, its released code and the embedded default differ is a named field here.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anomalyvlm/prompt.h"
#include "methods/candidates.h"
#include "methods/method.h"
#include "methods/tiles.h"
#include "roles/model_set.h"

namespace anomalyvlm {

// Eq. 5: what a pixel gets from the kept regions that cover it.
enum class Fusion {
  kMeanOfCovering,  // sum R S^r / sum R (paper)
  kReleasedCode,    // sum R S^r / (1 + sum R)
  kSoftMaximum,     // max R S^r, for soft masks
};

// One question to the region generator.
struct TextQuery {
  std::vector<std::string> phrases;  // one caption: "crack. hole."
  std::string not_phrase;            // a box whose phrase contains it is rejected; empty: none is
};

struct PipelineConfig {
  std::string name = "paper";
  StageOptions stages = {};             // what the models are asked for
  bool text_ensemble = false;           // also "defect on X", "damage on X", "flaw on X"; the
                                        // object's own name is no defect (released code)
  std::vector<TextQuery> queries = {};  // asked, if given, in place of what the prompt says
  bool soft_masks = false;              // false: a region is R > 0.5 from the start
  bool empty_masks_count = false;       // among the K best, though they show nowhere (released code)
  AreaRule area_rule = AreaRule::kMaskOfObject;
  Fusion fusion = Fusion::kMeanOfCovering;
  // Bytes that the regions of an image may take together; the least confident are left out then. The only
  // limit of what an image's regions take.
  std::size_t region_memory = std::size_t{1} << 30;
  int resize = 0;  // squash to resize x resize for the models; 0: no
  TileOptions tiles = {};
};

// The profiles, a row each: the method as the paper has it, as its released code has it, and as the embedded
// default needs it.
std::span<const PipelineConfig> profiles();
// The row of this name. Throws Error(kBadInput).
const PipelineConfig& profile_named(std::string_view name);

// What the models are asked of an image with these settings, which must outlive what they do.
StageOptions stage_options(const PipelineConfig& config, const DetectSettings& settings);

// What the region generator is asked, one after the other.
std::vector<TextQuery> text_queries(const HybridPrompt& prompt, const PipelineConfig& config);

// Method::observe(): Eq. 1 to 3.
std::vector<Evidence> observe(const ModelSet& models, const Image& image,
                              std::span<const HybridPrompt> prompts, const PipelineConfig& config,
                              const DetectSettings& settings = {});

// Judge::judge(): prompts 2 and 3, Eq. 4 and 5, over region evidence of the same image.
Detection judge(const Image& image, Evidence evidence, const HybridPrompt& prompt,
                const PipelineConfig& config, const JudgeSettings& settings = {});

// Both.
Detection detect(const ModelSet& models, const Image& image, const HybridPrompt& prompt,
                 const PipelineConfig& config, const DetectSettings& settings = {});

}  // namespace anomalyvlm
