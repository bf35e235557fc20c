// Plain loops: the reference for the other implementations.
#include <algorithm>
#include <cmath>

#include "core/threads.h"
#include "kernels/deformable_attention/implementations.h"

namespace anomalyvlm {
namespace {

// One map of one head: rows of `channels` numbers, `stride` apart.
struct Plane {
  const float* values;
  Extent size;
  std::int64_t channels, stride;

  // Adds `weight` times what lies at (x, y), in cells from the first one's center.
  void add(float x, float y, float weight, float* out) const {
    const float left = std::floor(x), top = std::floor(y);
    for (const float row : {top, top + 1})
      for (const float column : {left, left + 1}) {
        if (!(row >= 0 && row < static_cast<float>(size.height))) continue;
        if (!(column >= 0 && column < static_cast<float>(size.width))) continue;
        const float share = (1 - std::abs(x - column)) * (1 - std::abs(y - row)) * weight;
        const float* from =
            values +
            (static_cast<std::int64_t>(row) * size.width + static_cast<std::int64_t>(column)) * stride;
        for (std::int64_t c = 0; c < channels; ++c) out[c] += share * from[c];
      }
  }
};

void run_query(const DeformableAttention& a, std::int64_t b, std::int64_t q) {
  const auto maps = static_cast<std::int64_t>(a.maps.size());
  const std::int64_t query = b * a.queries + q, stride = a.heads * a.channels;
  const std::int64_t reference_size = a.boxes ? 4 : 2;
  const float* references = a.reference + (a.one_reference ? q : query) * maps * reference_size;
  const float* offsets = a.offsets + query * a.heads * maps * a.points * 2;
  const float* weights = a.weights + query * a.heads * maps * a.points;
  for (std::int64_t head = 0; head < a.heads; ++head) {
    float* out = a.out + query * stride + head * a.channels;
    std::fill_n(out, a.channels, 0.0F);
    const float* values = a.value + b * a.places() * stride + head * a.channels;
    for (std::int64_t m = 0; m < maps; ++m) {
      const Extent size = a.maps[static_cast<std::size_t>(m)];
      const Plane plane = {values, size, a.channels, stride};
      const auto width = static_cast<float>(size.width), height = static_cast<float>(size.height);
      const float* reference = references + m * reference_size;
      const float unit_x = a.boxes ? reference[2] * width / (2 * static_cast<float>(a.points)) : 1;
      const float unit_y = a.boxes ? reference[3] * height / (2 * static_cast<float>(a.points)) : 1;
      for (std::int64_t p = 0; p < a.points; ++p, offsets += 2, ++weights)
        plane.add(reference[0] * width - 0.5F + offsets[0] * unit_x,
                  reference[1] * height - 0.5F + offsets[1] * unit_y, *weights, out);
      values += size.places() * stride;
    }
  }
}

}  // namespace

void run_deformable_attention_portable(const DeformableAttention& arguments) {
  const DeformableAttention& a = arguments;
  parallel_for(a.batch * a.queries, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) run_query(a, i / a.queries, i % a.queries);
  });
}

}  // namespace anomalyvlm
