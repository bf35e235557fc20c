#pragma once
// Judging methods that score each pixel: their regions are those of the map, and what a prompt rejects is
// taken out of it.
#include "methods/method.h"

namespace anomalyvlm {

// What of a prompt's words such a method reads.
enum class PromptWords {
  kNone,
  kObject,   // HybridPrompt::object, though it does not look for the object
  kPhrases,  // sought_phrases()
};

// Region scores are values of the map, in units of the method's own. The map's regions (watershed.h, above
// its median where it is known) get the phrase of their peak, or "defect" where the evidence has none. Rules
// and the ignored area remove a region: the map is lowered to that median there. Limits on the number of
// regions choose which are listed, but leave the map. The image score is the method's own, lowered in
// proportion where the map's maximum was removed. A note says what of the prompt means nothing to the method.
class DenseJudge : public Judge {
 public:
  explicit DenseJudge(PromptWords words = PromptWords::kNone) : words_(words) {}

  Detection judge(const Image& image, Evidence evidence, const HybridPrompt& prompt,
                  const JudgeSettings& settings) const override;

 private:
  PromptWords words_;
};

}  // namespace anomalyvlm
