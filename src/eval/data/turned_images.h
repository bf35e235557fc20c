#pragma once
// Images that their EXIF orientation turns, and what their masks were drawn on: the pixels as they are stored
// (programs that do not look at EXIF) or the upright image (all others). Nothing in a mask says which.
#include "eval/data/layouts.h"

namespace anomalyvlm::eval {

// Sets Sample::turn of turned images that have masks or marks, as options.masks_orientation says, and notes
// what was done. kAuto: sizes tell for
// images turned by a quarter. Where they are the same both ways, what holds for the quarter turns holds too;
// without such, the way that fits the images better: marked pixels differ more from what surrounds them.
// Where that is a draw, the stored pixels.
void settle_turns(Dataset& dataset, const DatasetOptions& options);

}  // namespace anomalyvlm::eval
