#pragma once
// Rows and columns of a map.
#include <compare>
#include <cstdint>

namespace anomalyvlm {

struct Extent {
  std::int64_t height = 0, width = 0;
  auto operator<=>(const Extent&) const = default;
  std::int64_t places() const { return height * width; }
};

}  // namespace anomalyvlm
