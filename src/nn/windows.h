#pragma once
// Cutting a map into square windows and putting it together again, for attention within windows.
#include "nn/ops.h"

namespace anomalyvlm::nn {

// Zeros at the end of an axis, up to a multiple; and what comes first along an axis. The value itself where
// nothing changes.
Value pad_to_multiple(const Value& x, int axis, std::int64_t multiple);
Value crop_to(const Value& x, int axis, std::int64_t extent);

// x [B, H, W, C], padded with zeros below and to the right to multiples of `window`
// -> [B * windows, window, window, C], windows row by row.
Value split_windows(const Value& x, std::int64_t window);

// The way back to [B, H, W, C] = `shape`; the padding is cut off.
Value merge_windows(const Value& windows, const Shape& shape);

}  // namespace anomalyvlm::nn
