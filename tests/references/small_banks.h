#pragma once
// Banks of a few random vectors, and what they say by the definitions.
#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "references/bank_builder.h"

namespace anomalyvlm::test {

// Unit vectors of positive numbers, with alarms.
inline DescriptorGrid random_grid(int width, int height, int size, unsigned seed, int image_width = 64,
                                  int image_height = 48) {
  std::mt19937 random(seed);
  const auto uniform = [&] { return static_cast<float>(random() % 10'000 + 1) / 10'000; };
  DescriptorGrid grid;
  grid.width = width;
  grid.height = height;
  grid.size = size;
  grid.covered = {0, 0, static_cast<float>(image_width), static_cast<float>(image_height)};
  for (std::size_t i = 0; i < grid.cells(); ++i) {
    std::vector<float> vector;
    float squared = 0;
    for (int c = 0; c < size; ++c) {
      vector.push_back(uniform());
      squared += vector.back() * vector.back();
    }
    for (const float value : vector) grid.vectors.push_back(value / std::sqrt(squared));
    grid.alarms.push_back(uniform());
  }
  grid.places = cell_places(grid, grid.covered, image_width, image_height);
  return grid;
}

// Two scales.
inline std::vector<DescribedPart> random_parts(unsigned seed, int width = 6, int height = 4) {
  return {{{random_grid(width / 2, height / 2, 5, 2 * seed), random_grid(width, height, 8, 2 * seed + 1)},
           {0, 0, 64, 48}}};
}

inline BankImage image_named(const std::string& name) {
  BankImage image{.name = name, .sha256 = "sum of " + name, .width = 64, .height = 48, .thumbnail = {}};
  image.thumbnail = {4, 3, std::vector<std::uint8_t>(36, static_cast<std::uint8_t>(name.back()))};
  return image;
}

inline BankOrigin some_origin() {
  return {.describer = "a describer", .method = "a method", .model = "a model", .options = {}};
}

constexpr CoresetOptions kAllRows{.share = 1};

// Images "a", "b", ... of random_parts(1), (2), ...
inline std::shared_ptr<const Bank> small_bank(int images, const BankOrigin& origin = some_origin(),
                                              const CoresetOptions& coreset = kAllRows) {
  BankBuilder builder(origin, coreset);
  for (int i = 0; i < images; ++i)
    builder.add(image_named(std::string(1, static_cast<char>('a' + i))),
                random_parts(static_cast<unsigned>(i) + 1));
  return builder.finish();
}

inline std::vector<double> row_of(const BankRows& rows, std::int64_t row) {
  const Tensor all = rows.vectors.to_f32();
  const auto size = static_cast<std::size_t>(rows.size());
  const float* from = all.floats().data() + static_cast<std::size_t>(row) * size;
  return {from, from + size};
}

// Half of the squared Euclidean distance: 1 - cosine of unit vectors.
inline double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double squared = 0;
  for (std::size_t c = 0; c < a.size(); ++c) squared += (a[c] - b[c]) * (a[c] - b[c]);
  return squared / 2;
}

inline bool lie_nearby(const float* a, const float* b, float reach) {
  return std::max(std::abs(a[0] - b[0]), std::abs(a[1] - b[1])) <= reach;
}

}  // namespace anomalyvlm::test
