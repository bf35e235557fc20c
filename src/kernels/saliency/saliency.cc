#include "kernels/saliency/saliency.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "core/check.h"
#include "kernels/registry.h"
#include "kernels/saliency/implementations.h"

namespace anomalyvlm {
namespace {

bool accepts_anything(const SaliencyArguments&) { return true; }

constexpr SaliencyImplementation kImplementations[] = {
    {"simd", accepts_anything, run_saliency_simd},
    {"portable", accepts_anything, run_saliency_portable},  // plain loops; the reference
};

void run(const SaliencyArguments& arguments) {
  choose_implementation("saliency", kImplementations, arguments).run(arguments);
}

std::size_t checked_cells(int channels, int height, int width) {
  if (channels < 1 || height < 1 || width < 1 || height > std::numeric_limits<int>::max() / 2 / width)
    fail(ErrorKind::kBadInput, "The saliency kernel was given a feature map of {} x {} x {}.", channels,
         height, width);
  return static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
}

void check_queries(std::span<const NeighbourQuery> queries) {
  for (const NeighbourQuery& q : queries) {
    if (q.count < 1 || q.radius < -1)
      fail(ErrorKind::kBadInput, "The saliency kernel was asked for {} neighbours beyond a radius of {}: {}",
           q.count, q.radius, "at least 1 neighbour and a radius of -1 or more are needed.");
  }
}

std::vector<int> indices_inside(std::span<const std::uint8_t> mask) {
  std::vector<int> inside;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] != 0) inside.push_back(static_cast<int>(i));
  }
  return inside;
}

// What the other objects show: their locations that are not also object k's.
struct Others {
  std::vector<int> locations;
  bool shared = false;  // whether some are object k's, too: those count as zero vectors, of similarity 0
};

Others others_of(std::span<const std::uint8_t> masks, std::size_t cells, std::size_t k) {
  Others others;
  for (std::size_t i = 0; i < cells; ++i) {
    bool another = false;
    for (std::size_t at = i; at < masks.size(); at += cells) another |= at / cells != k && masks[at] != 0;
    if (another && masks[k * cells + i] != 0)
      others.shared = true;
    else if (another)
      others.locations.push_back(static_cast<int>(i));
  }
  return others;
}

}  // namespace

std::span<const SaliencyImplementation> saliency_implementations() { return kImplementations; }

std::string chosen_saliency_implementation() {
  return std::string(choose_implementation("saliency", kImplementations, SaliencyArguments{}).name);
}

void neighbour_distance(const float* features, int channels, int height, int width,
                        std::span<const NeighbourQuery> queries, float* out, FeatureMetric metric) {
  checked_cells(channels, height, width);
  check_queries(queries);
  run({features, channels, height, width, queries, out, {}, {}, metric});
}

void neighbour_distance_within(const float* features, int channels, int height, int width,
                               std::span<const std::uint8_t> mask, std::span<const NeighbourQuery> queries,
                               float* out) {
  const std::size_t cells = checked_cells(channels, height, width);
  check_queries(queries);
  AVLM_CHECK(mask.size() == cells);
  std::fill(out, out + queries.size() * cells, 0.0F);
  const std::vector<int> inside = indices_inside(mask);
  if (inside.empty()) return;
  std::vector<float> found(queries.size() * inside.size());
  run({features, channels, height, width, queries, found.data(), inside, inside});
  for (std::size_t i = 0; i < found.size(); ++i)
    out[i / inside.size() * cells + static_cast<std::size_t>(inside[i % inside.size()])] = found[i];
}

void other_object_distance(const float* features, int channels, int height, int width,
                           std::span<const std::uint8_t> masks, float* out) {
  const std::size_t cells = checked_cells(channels, height, width);
  AVLM_CHECK(masks.size() % cells == 0);
  std::fill(out, out + cells, 0.0F);
  const NeighbourQuery most_similar{1, -1, false};
  for (std::size_t k = 0; k < masks.size() / cells; ++k) {
    const std::vector<int> own = indices_inside(masks.subspan(k * cells, cells));
    const Others others = others_of(masks, cells, k);
    if (own.empty() || (others.locations.empty() && !others.shared)) continue;
    std::vector<float> found(own.size(), 2.0F);
    if (!others.locations.empty())
      run({features, channels, height, width, {&most_similar, 1}, found.data(), own, others.locations});
    for (std::size_t i = 0; i < own.size(); ++i) {
      float& place = out[own[i]];
      place = std::max(place, others.shared ? std::min(found[i], 1.0F) : found[i]);
    }
  }
}

}  // namespace anomalyvlm
