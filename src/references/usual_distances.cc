#include "references/usual_distances.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/check.h"
#include "references/mutual.h"

namespace anomalyvlm {
namespace {

constexpr double kUsualShare = 0.5, kHighShare = 0.998;  // of distances between good images
constexpr std::size_t kComparedImages = 24;              // at most so many are each compared with the others

double quantile(std::vector<float>& values, double share) {
  AVLM_CHECK(!values.empty());
  const auto place = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return static_cast<double>(values[static_cast<std::size_t>(place)]);
}

UsualDistances usual_of(std::vector<float> distances) {
  if (distances.empty()) return {};
  const double usual = quantile(distances, kUsualShare);
  return {usual, quantile(distances, kHighShare)};
}

// Of one image nothing is known of how others differ from it. What differs within it, beyond the closest
// surroundings, is at least as much.
std::vector<float> distances_within(const BankRows& rows) {
  constexpr double kSurroundings = 0.1;      // of the image's width and of its height
  constexpr std::size_t kAskedRows = 2'048;  // a turned image has many more
  const DescriptorGrid grid = grid_of(rows, 0, rows.count());
  const auto places = rows.places.floats();
  const auto size = static_cast<std::size_t>(grid.size);
  std::vector<float> distances;
  for (std::size_t i = 0; i < grid.cells(); i += std::max<std::size_t>(1, grid.cells() / kAskedRows)) {
    float best = std::numeric_limits<float>::infinity();
    for (std::size_t j = 0; j < grid.cells(); ++j) {
      if (std::abs(places[2 * i] - places[2 * j]) < kSurroundings &&
          std::abs(places[2 * i + 1] - places[2 * j + 1]) < kSurroundings)
        continue;
      float squared = 0;
      for (std::size_t c = 0; c < size; ++c) {
        const float apart = grid.vectors[i * size + c] - grid.vectors[j * size + c];
        squared += apart * apart;
      }
      best = std::min(best, squared);
    }
    if (std::isfinite(best)) distances.push_back(cosine_distance(best));
  }
  return distances;
}

}  // namespace

UsualDistances usual_distances(const BankRows& rows, std::span<const std::size_t> photographs, float reach) {
  std::vector<std::size_t> firsts;  // the first image of each photograph
  for (std::size_t i = 0; i < photographs.size(); ++i)
    if (photographs[i] == firsts.size()) firsts.push_back(i);
  if (firsts.size() == 1) return usual_of(distances_within(rows_of_image(rows, firsts.front())));
  std::vector<float> all;
  const std::size_t asked = std::min(firsts.size(), kComparedImages);
  for (std::size_t k = 0; k < asked; ++k) {
    const std::size_t image = firsts[k * firsts.size() / asked];
    const BankRows own = rows_of_image(rows, image);
    BankRows others = rows;
    for (std::size_t i = photographs.size(); i-- > 0;)
      if (photographs[i] == photographs[image]) others = without_image(others, i);
    if (own.count() == 0 || others.count() == 0) continue;
    const RowPool pool(others.vectors, others.places);
    const NearestQuestion question{1, reach};
    const std::vector<NearestRows> found =
        nearest({&pool, 1}, own.vectors.to_f32().floats(), static_cast<int>(rows.size()), {&question, 1},
                own.places.floats());
    for (const float squared : found.front().distances)
      if (std::isfinite(squared)) all.push_back(cosine_distance(squared));
  }
  return usual_of(std::move(all));
}

UsualDistances usual_mutual_distances(const BankRows& rows, std::size_t images, float reach) {
  constexpr double kMost = 0.9, kHighOfMost = 2;
  std::vector<RowPool> pools;
  for (std::size_t i = 0; i < images; ++i) {
    const BankRows own = rows_of_image(rows, i);
    pools.emplace_back(own.vectors, own.places);
  }
  std::vector<float> all;
  const std::size_t asked = std::min(images, kComparedImages / 2);
  for (std::size_t k = 0; k < asked; ++k) {
    const auto [begin, end] = range_of(rows, k * images / asked);
    if (begin == end) continue;
    DescriptorGrid grid = grid_of(rows, begin, end);
    const auto places = rows.places.floats().subspan(static_cast<std::size_t>(2 * begin), 2 * grid.cells());
    grid.places.assign(places.begin(), places.end());
    const GridComparison found = compare_mutually(pools, {}, grid, reach);
    all.insert(all.end(), found.nearest.begin(), found.nearest.end());
  }
  if (all.empty()) return {};
  const double usual = quantile(all, kUsualShare);
  return {usual, kHighOfMost * quantile(all, kMost)};
}

}  // namespace anomalyvlm
