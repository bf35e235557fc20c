#pragma once
// The one list of shapes that the tests and the benchmark of the deformable attention kernel walk, and its
// definition in double precision.
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "kernels/deformable_attention/deformable_attention.h"

namespace anomalyvlm {

struct DeformableAttentionCase {
  std::string name;
  std::int64_t batch, queries, heads, channels, points;
  std::vector<Extent> maps;
  bool one_reference = false, boxes = false;
  bool timed =
      false;  // of a size that models have: the benchmark walks these, the test looks at a few queries
};

inline std::vector<DeformableAttentionCase> deformable_attention_cases() {
  const std::vector<Extent> published = {{100, 100}, {50, 50}, {25, 25}, {13, 13}};
  return {
      {"one of everything", 1, 1, 1, 1, 1, {{1, 1}}},
      {"one cell, boxes", 2, 3, 1, 2, 3, {{1, 1}}, false, true},
      {"one row", 1, 5, 2, 3, 2, {{1, 9}}},
      {"one column", 1, 5, 2, 5, 2, {{9, 1}}},
      {"two maps", 2, 7, 3, 8, 4, {{5, 4}, {3, 2}}},
      {"one reference", 3, 7, 2, 16, 4, {{5, 4}, {3, 2}}, true},
      {"one reference, boxes", 2, 6, 2, 17, 3, {{6, 4}, {3, 7}}, true, true},
      {"33 channels, five points", 1, 19, 2, 33, 5, {{7, 9}, {4, 5}, {2, 3}}},
      {"47 channels, boxes", 2, 18, 1, 47, 1, {{7, 9}, {4, 5}}, false, true},
      {"64 channels, seventeen points", 1, 33, 2, 64, 17, {{8, 8}}},
      {"more queries than a piece", 1, 333, 4, 32, 4, {{12, 15}, {6, 8}, {3, 4}, {2, 2}}},
      {"encoder at 800 x 800", 1, 13294, 8, 32, 4, published, true, false, true},
      {"decoder at 800 x 800", 1, 900, 8, 32, 4, published, false, true, true},
  };
}

// The arrays of a case, the same at every run: places on and around the maps, some of them far outside, some
// on centers and edges.
struct DeformableAttentionArrays {
  std::vector<float> value, reference, offsets, weights, out;

  explicit DeformableAttentionArrays(const DeformableAttentionCase& c, unsigned seed = 1) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> share(-0.2F, 1.2F), cells(-3, 3), any(-2, 2);
    const auto fill = [&](std::vector<float>& to, std::int64_t count, auto&& draw) {
      to.resize(static_cast<std::size_t>(count));
      for (float& v : to) v = draw();
    };
    const auto maps = static_cast<std::int64_t>(c.maps.size());
    std::int64_t places = 0;
    for (const Extent& map : c.maps) places += map.places();
    const std::int64_t looks = c.batch * c.queries * c.heads * maps * c.points;
    fill(value, c.batch * places * c.heads * c.channels, [&] { return any(random); });
    fill(reference, (c.one_reference ? 1 : c.batch) * c.queries * maps * (c.boxes ? 4 : 2),
         [&] { return share(random); });
    fill(offsets, looks * 2, [&] {
      const float offset = cells(random);
      return random() % 8 == 0 ? std::round(offset) : random() % 32 == 0 ? offset * 1e9F : offset;
    });
    fill(weights, looks, [&] { return any(random); });
    out.assign(static_cast<std::size_t>(c.batch * c.queries * c.heads * c.channels), -7);
  }

  DeformableAttention arguments(const DeformableAttentionCase& c) {
    return {value.data(), reference.data(), offsets.data(), weights.data(), out.data(),      c.maps, c.batch,
            c.queries,    c.heads,          c.channels,     c.points,       c.one_reference, c.boxes};
  }
};

// What `channel` of a head is for query q of item b.
inline double deformable_attention_reference(const DeformableAttention& a, std::int64_t b, std::int64_t q,
                                             std::int64_t head, std::int64_t channel) {
  const auto maps = static_cast<std::int64_t>(a.maps.size());
  double sum = 0;
  std::int64_t first = 0;
  for (std::int64_t m = 0; m < maps; ++m) {
    const Extent map = a.maps[static_cast<std::size_t>(m)];
    const float* r =
        a.reference + (((a.one_reference ? 0 : b) * a.queries + q) * maps + m) * (a.boxes ? 4 : 2);
    const double width = static_cast<double>(map.width), height = static_cast<double>(map.height);
    for (std::int64_t p = 0; p < a.points; ++p) {
      const std::int64_t look = (((b * a.queries + q) * a.heads + head) * maps + m) * a.points + p;
      const double divisor = 2.0 * static_cast<double>(a.points);
      const double dx = a.offsets[2 * look] * (a.boxes ? r[2] / divisor : 1 / width);
      const double dy = a.offsets[2 * look + 1] * (a.boxes ? r[3] / divisor : 1 / height);
      const double x = (r[0] + dx) * width - 0.5, y = (r[1] + dy) * height - 0.5;
      // Of all cells, only those around the place have a share.
      for (double row = std::max(0.0, std::floor(y)); row < std::min(height, y + 1); ++row)
        for (double column = std::max(0.0, std::floor(x)); column < std::min(width, x + 1); ++column) {
          const double share = (1 - std::abs(x - column)) * (1 - std::abs(y - row));
          const auto cell = static_cast<std::int64_t>(row * width + column);
          const std::int64_t place = b * a.places() + first + cell;
          sum += share * a.weights[look] * a.value[(place * a.heads + head) * a.channels + channel];
        }
    }
    first += map.places();
  }
  return sum;
}

}  // namespace anomalyvlm
