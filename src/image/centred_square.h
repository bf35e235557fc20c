#pragma once
// The square in the middle of an image that many networks see.
#include <algorithm>

#include "core/check.h"
#include "core/extent.h"

namespace anomalyvlm {

// An image after its shorter side became `shorter_side` pixels, and where a square begins that is cut out of
// its middle: half of the pixels that are left, halves rounded to even, as torchvision does.
struct CentredSquare {
  Extent resized;
  int left = 0, top = 0;
};

// width, height: the image's. side: the square's, at most shorter_side.
inline CentredSquare centred_square(int width, int height, int shorter_side, int side) {
  AVLM_CHECK(width > 0 && height > 0 && side > 0 && side <= shorter_side);
  const std::int64_t shorter = std::min(width, height);
  const auto resized = [&](int length) { return std::int64_t{length} * shorter_side / shorter; };
  const auto begin = [&](std::int64_t length) {
    const std::int64_t over = length - side;
    return static_cast<int>(over / 2 + (over % 4 == 3 ? 1 : 0));
  };
  const Extent size{resized(height), resized(width)};
  return {size, begin(size.width), begin(size.height)};
}

}  // namespace anomalyvlm
