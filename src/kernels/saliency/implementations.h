#pragma once
// The table of implementations of the saliency kernel, best first.
#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "kernels/saliency/saliency.h"

namespace anomalyvlm {

struct SaliencyArguments {
  const float* features;
  int channels, height, width;
  std::span<const NeighbourQuery> queries;
  float* out;                       // [queries, asked()]
  std::span<const int> locations;   // those asked about; empty: all
  std::span<const int> references;  // those compared with, ascending; empty: all
  FeatureMetric metric = FeatureMetric::kCosine;

  int cells() const { return height * width; }
  int asked() const { return locations.empty() ? cells() : static_cast<int>(locations.size()); }
  int compared() const { return references.empty() ? cells() : static_cast<int>(references.size()); }
  int location(int i) const { return locations.empty() ? i : locations[static_cast<std::size_t>(i)]; }
  int reference(int i) const { return references.empty() ? i : references[static_cast<std::size_t>(i)]; }
  // Both metrics are searched as similarities (cosine; minus the Euclidean distance): a distance is a
  // vector's similarity to itself minus its similarity to the other.
  float own_similarity() const { return metric == FeatureMetric::kCosine ? 1.0F : 0.0F; }
};

struct SaliencyImplementation {
  std::string_view name;
  bool (*accepts)(const SaliencyArguments&);
  void (*run)(const SaliencyArguments&);
};

std::span<const SaliencyImplementation> saliency_implementations();
std::string chosen_saliency_implementation();

void run_saliency_portable(const SaliencyArguments& arguments);
void run_saliency_simd(const SaliencyArguments& arguments);

// Calls visit(i) for the references that a query leaves out around `location`.
template <typename Visit>
void for_left_out(const SaliencyArguments& a, int location, int radius, Visit&& visit) {
  if (radius < 0) return;
  const int y = location / a.width, x = location % a.width;
  const int left = x > radius ? x - radius : 0, right = a.width - 1 - x > radius ? x + radius : a.width - 1;
  const int top = y > radius ? y - radius : 0, bottom = a.height - 1 - y > radius ? y + radius : a.height - 1;
  for (int row = top; row <= bottom; ++row) {
    const int first = row * a.width + left, last = row * a.width + right;
    if (a.references.empty()) {
      for (int i = first; i <= last; ++i) visit(i);
      continue;
    }
    auto at = std::lower_bound(a.references.begin(), a.references.end(), first);
    for (; at != a.references.end() && *at <= last; ++at) visit(static_cast<int>(at - a.references.begin()));
  }
}

}  // namespace anomalyvlm
