#pragma once
// How far good images of a product are from each other: the measure of how far is far.
#include <span>

#include "kernels/nearest/nearest.h"
#include "references/bank_rows.h"

namespace anomalyvlm {

// Of unit vectors, from the square of their Euclidean distance: 1 - cosine.
constexpr float cosine_distance(float squared) { return squared / 2; }

// Of images, some of which are each compared with the others; of a single one, its places with those further
// away. photographs: of each image the photograph that it is, or is a part of, numbered from 0 as they come
// first; images of the same one are not compared. reach: of places that are compared, as in NearestQuestion.
UsualDistances usual_distances(const BankRows& rows, std::span<const std::size_t> photographs, float reach);
// The same of a batch that is compared with itself (compare_mutually()), in which there may be defects: what
// they exceed by far is unknown, and told from what most places do not exceed.
UsualDistances usual_mutual_distances(const BankRows& rows, std::size_t images, float reach);

}  // namespace anomalyvlm
