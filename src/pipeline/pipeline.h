#pragma once
// The method: propose, refine, filter, saliency, rescore, select, fuse (paper, III-B). Every choice in which
// the paper, its released code and the embedded default differ is a named field here.
#include <span>
#include <string>
#include <vector>

#include "anomalyvlm/detection.h"
#include "anomalyvlm/detector.h"
#include "anomalyvlm/prompt.h"
#include "pipeline/stages.h"

namespace anomalyvlm {

// What rules on the share of the object (Unit::kOfObject) compare.
enum class AreaRule {
  kMaskOfObject,     // area of the mask, with that of the object it belongs to (paper)
  kBoxOfLargestBox,  // area of the box, with that of the largest object's box (released code)
};

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

// Large images are cut into tiles for the models (paper, IV-E). Objects are still sought in the whole image.
struct TileOptions {
  int size = 0;     // side of a tile, pixels of the image; 0: no tiles
  int overlap = 0;  // pixels that neighbours share, below size / 2
};

struct PipelineConfig {
  std::string name = "paper";
  StageOptions stages;             // what the models are asked for
  bool text_ensemble = false;      // also "defect on X", "damage on X", "flaw on X"; the
                                   // object's own name is no defect (released code)
  std::vector<TextQuery> queries;  // asked, if given, in place of what the prompt says
  bool soft_masks = false;         // false: a region is R > 0.5 from the start
  bool empty_masks_count = false;  // among the K best, though they show nowhere (released code)
  AreaRule area_rule = AreaRule::kMaskOfObject;
  Fusion fusion = Fusion::kMeanOfCovering;
  // Bytes that the regions of an image may take together; the least confident are left out then. The only
  // limit of what an image's regions take.
  std::size_t region_memory = std::size_t{1} << 30;
  int resize = 0;  // squash to resize x resize for the models; 0: no
  TileOptions tiles;

  static PipelineConfig paper();
  static PipelineConfig saa_plus();  // the released code, for comparing with its published figures
  static PipelineConfig nano();      // for the embedded default
  // One of profile_names(). Throws Error(kBadInput).
  static PipelineConfig by_name(const std::string& name);
};

// What the region generator is asked, one after the other.
std::vector<TextQuery> text_queries(const HybridPrompt& prompt, const PipelineConfig& config);

// Eq. 1 to 3: what the models say of an image, for each of several prompts; their work is shared where it can
// be, and its time counted once. Costly. The candidates have saliency, but are not judged yet, except for
// those that can never count: an empty mask, the object's own name. Throws Error(kBadPrompt) as validate()
// does.
std::vector<Detection> gather(const ModelSet& models, const Image& image,
                              std::span<const HybridPrompt> prompts, const PipelineConfig& config,
                              const DetectSettings& settings = {});

// Prompts 2 and 3, Eq. 4 and 5, over what gather() found in the same image. Cheap, and may be repeated with
// other rules, another limit of regions, gain or fusion: what an earlier call decided is forgotten. Obeys
// found.ignored.
void decide(const Image& image, const HybridPrompt& prompt, const PipelineConfig& config, Detection& found);

// decide() with the caller's ignored area, and notes on what was decided: once for what gather() gave.
void judge(const Image& image, const HybridPrompt& prompt, const PipelineConfig& config,
           const DetectSettings& settings, Detection& found);

// Both. Masks, map and saliency are of the image's own size; rules measure there, too. `ignored` becomes
// Detection::ignored.
Detection detect(const ModelSet& models, const Image& image, const HybridPrompt& prompt,
                 const PipelineConfig& config, const DetectSettings& settings = {});

}  // namespace anomalyvlm
