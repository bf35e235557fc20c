#pragma once
// For encoders.
#include <cstddef>

#include "core/check.h"

namespace anomalyvlm::codec {

// Throws Error(kBadInput) unless `values` are those of an image that has pixels.
inline void require_pixels(int width, int height, std::size_t channels, std::size_t values) {
  if (width > 0 && height > 0 &&
      values == static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * channels)
    return;
  fail(ErrorKind::kBadInput, "An image of {} x {} pixels with {} values cannot be encoded.", width, height,
       values);
}

}  // namespace anomalyvlm::codec
