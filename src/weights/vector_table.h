#pragma once
// A table of vectors in a weight file, of which a few rows are read: the rest of it stays in the mapped file.
#include <span>
#include <string>

#include "weights/weights.h"

namespace anomalyvlm {

class VectorTable {
 public:
  // Keeps a reference to the file. Throws Error(kBadModel) when the tensor is missing or not [rows,
  // channels].
  VectorTable(const WeightFile& weights, std::string name);

  std::int64_t channels() const { return tensor_.dim(1); }
  // Throws Error(kBadInput) for a row that does not exist.
  void add_row(std::int64_t row, std::span<float> sum) const;

 private:
  std::string name_;
  const Tensor& tensor_;
};

}  // namespace anomalyvlm
