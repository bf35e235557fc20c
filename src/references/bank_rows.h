#pragma once
// The vectors of a bank at one scale, with where each comes from.
#include <cstdint>
#include <utility>

#include "core/tensor.h"
#include "roles/image_describer.h"

namespace anomalyvlm {

// What is known of good images' distances to the others of the bank, at one scale.
struct UsualDistances {
  double usual = 0, high = 0;  // see GridComparison
};

struct BankRows {
  Tensor vectors;  // [rows, size], bfloat16
  Tensor images;   // [rows] int32, ascending: the index of the image
  Tensor places;   // [rows, 2] float32: the cell's middle, x and y as shares of the image's size
  Tensor alarms;   // [rows] float32, DescriptorGrid::alarms; not defined without
  UsualDistances distances;

  std::int64_t count() const { return vectors.dim(0); }
  std::int64_t size() const { return vectors.dim(1); }
};

// The rows of one image: from the first of them up to, but without, the second.
std::pair<std::int64_t, std::int64_t> range_of(const BankRows& rows, std::size_t image);
BankRows rows_of_image(const BankRows& rows, std::size_t image);
// The rest, as if the image had not been there: those behind it move up.
BankRows without_image(const BankRows& rows, std::size_t image);

// The rows begin .. end as a grid without shape, to be compared with others.
DescriptorGrid grid_of(const BankRows& rows, std::int64_t begin, std::int64_t end);

}  // namespace anomalyvlm
