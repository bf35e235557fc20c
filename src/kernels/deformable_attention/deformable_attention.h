#pragma once
// Multi-scale deformable attention (Zhu et al., 2021, Eq. 3): each query samples a few points of every
// feature map, with bilinear interpolation. Samples are accumulated at once and never stored.
#include <cstdint>
#include <span>

#include "core/extent.h"

namespace anomalyvlm {

// Arrays are row-major and finite (see below). Extents are 1 or more.
struct DeformableAttention {
  const float* value;      // [batch, places, heads, channels]; places: those of all maps, one after the other
  const float* reference;  // [1 or batch, queries, maps, 2 or 4]: x, y (, width, height) as shares of a map
  const float* offsets;    // [batch, queries, heads, maps, points, 2]: x, y
  const float* weights;    // [batch, queries, heads, maps, points]
  float* out;              // [batch, queries, heads * channels]
  std::span<const Extent> maps;
  std::int64_t batch, queries, heads, channels, points;
  bool one_reference;  // the same for the whole batch: [1, ...]
  bool boxes;          // references are boxes: [..., 4]

  std::int64_t places() const;

  // Reads everything but arrays and maps off the arrays' shapes.
  template <typename Shape>
  void set_extents(const Shape& value_shape, const Shape& reference_shape, const Shape& offsets_shape) {
    batch = static_cast<std::int64_t>(value_shape[0]);
    queries = static_cast<std::int64_t>(offsets_shape[1]);
    heads = static_cast<std::int64_t>(value_shape[2]);
    channels = static_cast<std::int64_t>(value_shape[3]);
    points = static_cast<std::int64_t>(offsets_shape[4]);
    one_reference = reference_shape[0] == 1;
    boxes = reference_shape[3] == 4;
  }
};

// Offsets are in cells of the map; with boxes, in half widths and heights of the box, divided by `points`.
// Cell i of n lies at (i + 0.5) / n. Outside of a map there are zeros; an offset that is not finite lies
// outside. Throws Error(kBadInput) for extents below 1 and maps of more than 2^31 places.
void deformable_attention(const DeformableAttention& arguments);

}  // namespace anomalyvlm
