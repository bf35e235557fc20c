#pragma once
// Where the patches of an image are: the table of a file, resampled for grids that it was not trained for.
#include "core/extent.h"
#include "models/dinov2/config.h"

namespace anomalyvlm::dinov2 {

// -> [1, 1 + h w, channels]: of the class token, then of the patches row by row. Computed here and not in the
// graph, so that bfloat16 does not round the weights of the interpolation. Throws Error(kBadModel) where the
// file has no such table, Error(kBadInput) for a grid without patches.
Tensor positions(const WeightFile& file, const Dinov2Config& config, Extent grid);

// The rows of a table [1, 1 + side * side, C] for another grid, the first one as it is.
Tensor resampled_positions(const Tensor& table, const PositionResampling& resampling, Extent grid);

}  // namespace anomalyvlm::dinov2
