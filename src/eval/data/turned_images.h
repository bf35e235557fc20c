#pragma once
// Images with an EXIF orientation, and whether their masks were drawn on the stored pixels (by programs that
// ignore EXIF) or on the upright image (by all others). Nothing in a mask says which.
#include "eval/data/layouts.h"

namespace anomalyvlm::eval {

// Sets Sample::turn of turned images that have masks or marks, as options.masks_orientation says, and notes
// what was done. kAuto: for images turned by a quarter the sizes decide. If both ways have the same size, the
// image follows the quarter turns; without any, the way that fits the images better, where marked pixels
// differ more from their surroundings. In a tie, the stored pixels.
void settle_turns(Dataset& dataset, const DatasetOptions& options);

}  // namespace anomalyvlm::eval
