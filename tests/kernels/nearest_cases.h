#pragma once
// The one list of shapes that the tests and the benchmark of the search for nearest rows walk, and their
// data.
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "core/tensor.h"
#include "kernels/nearest/nearest.h"

namespace anomalyvlm {

struct NearestCase {
  std::string name;
  int queries, rows, size;
  std::vector<NearestQuestion> questions;
  bool bfloat16 = false;
  bool timed = false;  // only for the benchmark
};

inline std::vector<NearestCase> nearest_cases() {
  const std::vector<NearestQuestion> usual = {{1}, {4}}, nearby = {{1, 0.1F}, {3, 0.3F}},
                                     both = {{2}, {2, 0.2F}, {5, 0.0F}};
  return {
      {"one number", 1, 1, 1, usual},
      {"one row", 5, 1, 7, usual},
      {"one query", 1, 300, 33, usual},
      {"fewer rows than wanted", 9, 3, 16, {{2}, {3}, {10}}},
      {"17 queries, 15 numbers", 17, 31, 15, usual},
      {"33 queries, 65 numbers", 33, 129, 65, usual},
      {"49 queries, two panels", 49, 100, 152, usual},
      {"200 x 1000 x 152", 200, 1000, 152, both},
      {"100 x 3000 x 24, nearby", 100, 3000, 24, nearby},
      {"60 x 700 x 1024", 60, 700, 1024, {{4}, {300}}},
      {"60 x 700 x 1024, bfloat16", 60, 700, 1024, {{4}, {1, 0.15F}}, true},
      {"1600 x 16000 x 152, one", 1600, 16000, 152, {{1}}, false, true},
      {"1600 x 16000 x 152, four", 1600, 16000, 152, {{4}}, false, true},
      {"1600 x 16000 x 152, four, bfloat16", 1600, 16000, 152, {{4}}, true, true},
      {"1600 x 16000 x 152, four and four nearby", 1600, 16000, 152, {{4}, {4, 0.15F}}, false, true},
      {"1600 x 16000 x 152, four nearby only", 1600, 16000, 152, {{4, 0.15F}}, false, true},
      {"1600 x 16000 x 1024, one", 1600, 16000, 1024, {{1}}, false, true},
      {"1600 x 16000 x 1024, four", 1600, 16000, 1024, {{4}}, false, true},
      {"1600 x 16000 x 1024, four, bfloat16", 1600, 16000, 1024, {{4}}, true, true},
  };
}

// Vectors as those of patches: not negative, with zeros, in clusters.
inline std::vector<float> clustered_rows(int count, int size, unsigned seed) {
  std::mt19937 random(seed), centres(7);
  std::normal_distribution<float> normal;
  std::vector<float> centre(static_cast<std::size_t>(20 * size));
  for (float& v : centre) v = normal(centres);
  std::vector<float> rows;
  for (int i = 0; i < count; ++i) {
    const float* around = centre.data() + random() % 20 * static_cast<std::size_t>(size);
    for (int k = 0; k < size; ++k) rows.push_back(std::max(0.0F, around[k] + 0.5F * normal(random)));
  }
  return rows;
}

// A grid over 0 .. 1, row by row, again and again.
inline std::vector<float> grid_places(int count) {
  std::vector<float> places;
  for (int i = 0; i < count; ++i) {
    places.push_back((static_cast<float>(i % 20) + 0.5F) / 20);
    places.push_back((static_cast<float>(i / 20 % 20) + 0.5F) / 20);
  }
  return places;
}

inline Tensor bfloat16_of(const std::vector<float>& values, Shape shape) {
  auto bits = std::make_shared<std::vector<std::uint16_t>>();
  for (const float v : values) bits->push_back(f32_to_bf16(v));
  const void* data = bits->data();
  return Tensor(DType::kBF16, std::move(shape), std::move(bits), data);
}

inline RowPool pool_of(const std::vector<float>& rows, int size, bool bfloat16 = false, bool placed = true) {
  const auto count = static_cast<std::int64_t>(rows.size()) / size;
  Tensor places;
  if (placed) places = Tensor::from<float>({count, 2}, grid_places(static_cast<int>(count)));
  if (bfloat16) return RowPool(bfloat16_of(rows, {count, size}), places);
  return RowPool(Tensor::from<float>({count, size}, rows), places);
}

}  // namespace anomalyvlm
