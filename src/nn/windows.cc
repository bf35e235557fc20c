#include "nn/windows.h"

namespace anomalyvlm::nn {

namespace {

std::int64_t windows_along(std::int64_t extent, std::int64_t window) {
  return (extent + window - 1) / window;
}

}  // namespace

Value pad_to_multiple(const Value& x, int axis, std::int64_t multiple) {
  const std::int64_t extent = x.dim(axis), full = windows_along(extent, multiple) * multiple;
  return full == extent ? x : pad(x, axis, 0, full - extent);
}

Value crop_to(const Value& x, int axis, std::int64_t extent) {
  return x.dim(axis) == extent ? x : slice(x, axis, 0, extent);
}

Value split_windows(const Value& x, std::int64_t window) {
  const Value full = pad_to_multiple(pad_to_multiple(x, 1, window), 2, window);
  const std::int64_t rows = full.dim(1) / window, columns = full.dim(2) / window, channels = x.dim(3);
  const Value cut = reshape(full, {x.dim(0), rows, window, columns, window, channels});
  return reshape(permute(cut, {0, 1, 3, 2, 4, 5}), {x.dim(0) * rows * columns, window, window, channels});
}

Value merge_windows(const Value& windows, const Shape& shape) {
  const std::int64_t window = windows.dim(1), rows = windows_along(shape[1], window),
                     columns = windows_along(shape[2], window), channels = windows.dim(3);
  const Value cut = reshape(windows, {shape[0], rows, columns, window, window, channels});
  const Value full =
      reshape(permute(cut, {0, 1, 3, 2, 4, 5}), {shape[0], rows * window, columns * window, channels});
  return crop_to(crop_to(full, 1, shape[1]), 2, shape[2]);
}

}  // namespace anomalyvlm::nn
