#pragma once
// The property sentence and the prompts of the released SAA+ code, read exactly as it reads them: by the
// position of the word, so that the name keeps its comma. For the profile `saa-plus`; people write sentences
// (anomalyvlm/prompt.h).
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace anomalyvlm {

struct SaaProperty {
  std::string object_prompt;         // word 7
  int object_number = 1;             // word 5
  std::string similar;               // word 6, never used
  int k_mask = 0;                    // word 12: regions to keep, 0 all
  double defect_area_threshold = 1;  // word 19: share of the largest object box
  double object_max_area = 1;        // 1 / object_number: share of the image that an object box stays below
  double object_min_area = 0;
};

// Words are counted from 0 between single spaces; two spaces enclose an empty one. Throws Error(kBadPrompt)
// where the released code raises: a missing word, a number that is none, no object.
SaaProperty saa_property(std::string_view sentence);

struct SaaPrompt {
  std::string text;
  std::string filter_phrase;  // boxes whose phrase contains it are dropped
};
// The three general prompts of a category, then its own.
std::vector<SaaPrompt> saa_ensemble(std::string_view category, std::span<const SaaPrompt> own);

}  // namespace anomalyvlm
