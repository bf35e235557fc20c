#pragma once
// Mutual scoring: an image beside the other, unlabelled images of its batch, after the idea of X. Li et al.,
// "MuSc: Zero-Shot Industrial Anomaly Classification and Segmentation with Mutual Scoring of the Unlabeled
// Images", ICLR 2024. What is normal is found in most images of a batch, what is not in few.
#include <span>
#include <vector>

#include "references/bank.h"

namespace anomalyvlm {

// For each cell: the distance to the nearest row of each image by itself, of which those of the most similar
// images count (kMutualShare of them, one at least): GridComparison's distances are all their mean, the alarm
// the mean alarm of the rows that are nearest, and the row that of the nearest image. An image that is the
// same as the one asked about (all distances are all but 0) is left out. `images`: a pool for each image,
// whose rows count through them in their order; alarms: of all rows, may be empty.
constexpr double kMutualShare = 0.3;
GridComparison compare_mutually(std::span<const RowPool> images, std::span<const float> alarms,
                                const DescriptorGrid& grid, float reach);

}  // namespace anomalyvlm
