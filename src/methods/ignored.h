#pragma once
// Areas of an image in which anomalies do not count: a mark, a rim, a holder.
#include <string>
#include <vector>

#include "anomalyvlm/detection.h"

namespace anomalyvlm {

// `ignored`: of the image's size, or empty. Throws Error(kBadInput) for another size.
void check_ignored(const Mask& ignored, int width, int height);
// Rejects candidates of which more than half lies there.
void reject_ignored(const Mask& ignored, std::vector<Candidate>& candidates);
void clear_ignored(const Mask& ignored, FloatMap& map);  // to 0
// For who passed an inverted mask: a note when most of the image is ignored.
void note_ignored(const Mask& ignored, std::vector<std::string>& notes);

}  // namespace anomalyvlm
