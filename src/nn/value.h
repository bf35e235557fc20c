#pragma once
// A value of the vocabulary: a float32 tensor of known shape that some backend holds, or will hold when its
// graph runs.
#include <memory>

#include "core/tensor.h"

namespace anomalyvlm::nn {

class Backend;

// Cheap to copy. The shape is known while a model function runs, so paddings, masks and tables are ordinary
// C++.
struct Value {
  Backend* backend = nullptr;          // executes the operations on it
  Shape shape;                         // rank 0 to 6, row-major, every extent at least 1
  std::shared_ptr<const void> handle;  // the backend's own: a graph node, a tensor, or nothing

  bool defined() const { return backend != nullptr; }
  int rank() const { return static_cast<int>(shape.size()); }
  // Extent of an axis; negative counts from the end.
  std::int64_t dim(int axis) const { return shape.at(axis < 0 ? shape.size() + axis : axis); }
};

}  // namespace anomalyvlm::nn
