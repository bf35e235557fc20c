#pragma once
// The table of implementations of neighbour_distance(), best first.
#include <span>
#include <string>
#include <string_view>

#include "kernels/saliency/saliency.h"

namespace anomalyvlm {

struct SaliencyArguments {
  const float* features;
  int channels, height, width;
  std::span<const NeighbourQuery> queries;
  float* out;
  int cells() const { return height * width; }
};

struct SaliencyImplementation {
  std::string_view name;
  bool (*accepts)(const SaliencyArguments&);
  void (*run)(const SaliencyArguments&);
};

std::span<const SaliencyImplementation> saliency_implementations();
std::string chosen_saliency_implementation();

void neighbour_distance_portable(const SaliencyArguments& arguments);
void neighbour_distance_simd(const SaliencyArguments& arguments);

// Calls visit(cell) for the cells that a query leaves out around `cell`.
template <typename Visit>
void for_left_out(const SaliencyArguments& a, int cell, int radius, Visit&& visit) {
  if (radius < 0) return;
  const int y = cell / a.width, x = cell % a.width;
  for (int ny = y - radius; ny <= y + radius; ++ny) {
    if (ny < 0 || ny >= a.height) continue;
    for (int nx = x - radius; nx <= x + radius; ++nx) {
      if (nx >= 0 && nx < a.width) visit(ny * a.width + nx);
    }
  }
}

}  // namespace anomalyvlm
