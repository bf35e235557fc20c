#pragma once
// Cutting a map into square windows and putting it together again, for attention within windows.
#include "nn/ops.h"

namespace anomalyvlm::nn {

// x [B, H, W, C], padded with zeros below and to the right to multiples of `window`
// -> [B * windows, window, window, C], windows row by row.
Value split_windows(const Value& x, std::int64_t window);

// The way back to [B, H, W, C] = `shape`; the padding is cut off.
Value merge_windows(const Value& windows, const Shape& shape);

}  // namespace anomalyvlm::nn
