#pragma once
// The property sentence of the released SAA+ code, read exactly as it reads it: by the position of the word,
// so that the name keeps its comma. For comparison; what people write is read by parse_prompt_text()
// (anomalyvlm/prompt.h).
#include <string>
#include <string_view>

namespace anomalyvlm::reference {

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

}  // namespace anomalyvlm::reference
