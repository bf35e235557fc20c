#pragma once
// Judging methods that score each pixel: their regions are those of the map, and what a prompt rejects is
// taken out of it.
#include "methods/method.h"

namespace anomalyvlm {

// Region scores are values of the map, in units of the method's own. The map's regions (watershed.h, above
// its median where it is known) get the phrase "defect". Rules and the ignored area remove a region: the map
// is lowered to that median there. Limits on the number of regions choose which are listed, but leave the
// map. The image score is the method's own, unless something was removed: then the maximum of what is left.
// Phrases, and rules limited to kinds, mean nothing to such a method: a note says so.
class DenseJudge : public Judge {
 public:
  // takes_object: the method reads the object's name, though it does not look for the object.
  explicit DenseJudge(bool takes_object = false) : takes_object_(takes_object) {}

  Detection judge(const Image& image, Evidence evidence, const HybridPrompt& prompt,
                  const JudgeSettings& settings) const override;

 private:
  bool takes_object_;
};

}  // namespace anomalyvlm
