#include "methods/patchcore/patchcore.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "image/blur.h"
#include "image/centred_square.h"
#include "image/resize.h"
#include "methods/tiles.h"

namespace anomalyvlm::patchcore {
namespace {

// Row `index` of several pools.
std::vector<float> row_of(std::span<const RowPool> pools, std::int64_t index) {
  for (const RowPool& pool : pools) {
    if (index < pool.count()) return pool.row(index);
    index -= pool.count();
  }
  AVLM_CHECK(false);
}

double distance(std::span<const float> a, std::span<const float> b) {
  double squared = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double apart = static_cast<double>(a[k]) - static_cast<double>(b[k]);
    squared += apart * apart;
  }
  return std::sqrt(squared);
}

}  // namespace

void require_possible(const Config& c) {
  if (c.shorter_side < 1 || c.input_side < 1 || c.input_side > c.shorter_side)
    fail(ErrorKind::kBadInput, "PatchCore: a square of {} pixels cannot be cut out of an image of {}.",
         c.input_side, c.shorter_side);
  if (c.patch_size < 1 || c.patch_stride < 1 || c.layer_size < 1 || c.embedding_size < 1)
    fail(ErrorKind::kBadInput,
         "PatchCore: patches of {} cells, {} apart, of {} numbers for each layer and {} in all are not "
         "possible.",
         c.patch_size, c.patch_stride, c.layer_size, c.embedding_size);
  if (c.neighbours < 1 || !(c.smoothing_sigma >= 0))
    fail(ErrorKind::kBadInput, "PatchCore: {} neighbours and a sigma of {} are not possible.", c.neighbours,
         c.smoothing_sigma);
}

Framing framing_of(const Image& image, const Config& config) {
  require_possible(config);
  const CentredSquare square =
      centred_square(image.width, image.height, config.shorter_side, config.input_side);
  Framing framing{square.resized, square.left, square.top, {}};
  const double across = static_cast<double>(image.width) / static_cast<double>(framing.resized.width);
  const double down = static_cast<double>(image.height) / static_cast<double>(framing.resized.height);
  framing.covered = {static_cast<float>(framing.left * across), static_cast<float>(framing.top * down),
                     static_cast<float>((framing.left + config.input_side) * across),
                     static_cast<float>((framing.top + config.input_side) * down)};
  return framing;
}

Image input_of(const Image& image, const Config& config) {
  // The whole of it would be enlarged for the square in its middle.
  constexpr int kMostTimesAsLong = 64;
  if (std::max(image.width, image.height) > kMostTimesAsLong * std::min(image.width, image.height))
    fail(
        ErrorKind::kBadInput,
        "PatchCore judges the square in the middle of an image, and of one of {} x {} pixels that is next to "
        "nothing: cut it into tiles (--tile), or squash it (--resize).",
        image.width, image.height);
  const Framing framing = framing_of(image, config);
  const Image resized = resize_pil_bilinear(image, static_cast<int>(framing.resized.width),
                                            static_cast<int>(framing.resized.height));
  return crop(resized,
              {framing.left, framing.top, framing.left + config.input_side, framing.top + config.input_side});
}

std::vector<float> patch_scores(const NearestRows& found, const Config& config) {
  require_possible(config);
  AVLM_CHECK(found.count >= 1);
  const auto row = static_cast<std::size_t>(found.count);
  std::vector<float> scores;
  for (std::size_t begin = 0; begin < found.distances.size(); begin += row) {
    double sum = 0;
    int n = 0;
    for (; n < std::min(config.neighbours, found.count) && found.indices[begin + n] >= 0; ++n)
      sum += static_cast<double>(found.distances[begin + n]);
    if (n == 0) fail(ErrorKind::kBadInput, "PatchCore: there is no vector of a good image to compare with.");
    scores.push_back(static_cast<float>(sum / n));
  }
  return scores;
}

float image_score(std::span<const float> patch_scores) {
  AVLM_CHECK(!patch_scores.empty());
  return *std::max_element(patch_scores.begin(), patch_scores.end());
}

float reweighted_score(std::span<const RowPool> pools, const Embedding& embedding, const NearestRows& found,
                       int b) {
  if (b < 1)
    fail(ErrorKind::kBadInput, "PatchCore: {} rows around the nearest cannot be sought; use 1 or more.", b);
  const auto count = static_cast<std::size_t>(found.count), size = static_cast<std::size_t>(embedding.size);
  AVLM_CHECK(count >= 1 && !found.distances.empty() &&
             found.distances.size() / count * size == embedding.vectors.size());
  std::size_t patch = 0;
  for (std::size_t i = 0; i < found.distances.size() / count; ++i)
    if (found.distances[i * count] > found.distances[patch * count]) patch = i;
  if (found.indices[patch * count] < 0)
    fail(ErrorKind::kBadInput, "PatchCore: there is no vector of a good image to compare with.");
  const std::span<const float> m(embedding.vectors.data() + patch * size, size);
  const std::vector<float> nearest_row = row_of(pools, found.indices[patch * count]);
  const double farthest = distance(m, nearest_row);
  const NearestQuestion question{b};
  const NearestRows around = std::move(nearest(pools, nearest_row, embedding.size, {&question, 1}).front());
  double sum = 0;
  for (const std::int32_t index : around.indices)  // exp overflows, their ratios do not
    if (index >= 0) sum += std::exp(distance(m, row_of(pools, index)) - farthest);
  return static_cast<float>((1 - 1 / std::max(sum, 1.0)) * farthest);
}

FloatMap anomaly_map(std::span<const float> patch_scores, Extent grid, Extent input, const Config& config) {
  AVLM_CHECK(static_cast<std::int64_t>(patch_scores.size()) == grid.places() && grid.places() > 0);
  const int width = static_cast<int>(input.width), height = static_cast<int>(input.height);
  const Tensor cells =
      Tensor::from<float>({1, 1, grid.height, grid.width}, {patch_scores.begin(), patch_scores.end()});
  const Tensor pixels = resize_torch_bilinear(cells, width, height);
  return blur_gaussian({width, height, {pixels.floats().begin(), pixels.floats().end()}},
                       config.smoothing_sigma);
}

}  // namespace anomalyvlm::patchcore
