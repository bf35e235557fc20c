#pragma once
// Masks do not say how they mark defects: by 255 or 1, with class numbers or colours, with soft edges. All
// masks of a data set together show it.
#include <string>
#include <vector>

#include "eval/data/dataset.h"

namespace anomalyvlm::eval {

// Sets dataset.mask_rule, and adds notes where it is another than the usual one, where a mask shows nothing
// by it, and where a defective image's mask is empty. Levels of 127 and less count where they are used as
// numbers of classes are: most of their pixels border on nothing but their own level and 0, which those of
// soft edges do not; not without `classes`, for layouts whose masks are known to mark by 255. Reads all
// masks, with all threads; files that cannot be read are left to the run.
void survey_masks(Dataset& dataset, bool classes);

}  // namespace anomalyvlm::eval
