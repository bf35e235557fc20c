#include "methods/utad/utad.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "core/threads.h"
#include "image/blur.h"
#include "image/centred_square.h"
#include "image/resize.h"
#include "kernels/saliency/saliency.h"

namespace anomalyvlm::utad {
namespace {

void require_possible(const Config& c) {
  if (c.shorter_side < 1 || c.input_side < 1 || c.input_side > c.shorter_side)
    fail(ErrorKind::kBadInput, "UTAD: a square of {} pixels cannot be cut out of an image of {}.",
         c.input_side, c.shorter_side);
  if (c.crop < 0 || c.crop > (c.input_side - 1) / 2)
    fail(ErrorKind::kBadInput, "UTAD: nothing is left of {} pixels without {} on each side.", c.input_side,
         c.crop);
  if (c.pooling < 1 || c.pooling % 2 == 0 || c.neighbours < 1 || c.border < 0 || !(c.smoothing_sigma >= 0))
    fail(ErrorKind::kBadInput,
         "UTAD: {} neighbours, means over {} cells, a border of {} and a sigma of {} are not possible.",
         c.neighbours, c.pooling, c.border, c.smoothing_sigma);
}

void require_feature_map(const Tensor& features) {
  if (features.rank() != 4 || features.dim(0) != 1 || features.size() == 0)
    fail(ErrorKind::kBadInput, "UTAD: features must be [1, C, h, w], not {}.", to_string(features.shape()));
}

// Between which two pixels of a line a place lies. `weight` is the second's.
struct Between {
  bool outside = true;
  int first = 0, second = 0;
  float weight = 0;
};

// For each of n pixels of an image's line, which has `resized` pixels after resizing: its place in a line of
// `length` pixels that begins at pixel `begin` of those.
std::vector<Between> places(int n, std::int64_t resized, int begin, int length) {
  std::vector<Between> line(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    const double at = (i + 0.5) * static_cast<double>(resized) / n - begin;
    if (at < 0 || at >= length) continue;
    const double centred = std::clamp(at - 0.5, 0.0, length - 1.0);
    const int first = static_cast<int>(centred);
    line[static_cast<std::size_t>(i)] = {false, first, std::min(first + 1, length - 1),
                                         static_cast<float>(centred - first)};
  }
  return line;
}

}  // namespace

Tensor pooled(const Tensor& features, int kernel) {
  require_feature_map(features);
  if (kernel < 1 || kernel % 2 == 0)
    fail(ErrorKind::kBadInput, "UTAD: means over {} x {} cells are not possible.", kernel, kernel);
  const int height = static_cast<int>(features.dim(2)), width = static_cast<int>(features.dim(3));
  const int reach = kernel / 2;
  Tensor out = Tensor::zeros(features.shape());
  const float* from = features.floats().data();
  float* to = out.mutable_floats().data();
  parallel_for(features.dim(1), 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t c = begin; c < end; ++c) {
      const float* plane = from + c * height * width;
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
          double sum = 0;
          for (int row = std::max(y - reach, 0); row <= std::min(y + reach, height - 1); ++row)
            for (int column = std::max(x - reach, 0); column <= std::min(x + reach, width - 1); ++column)
              sum += static_cast<double>(plane[row * width + column]);
          to[(c * height + y) * width + x] = static_cast<float>(sum / (kernel * kernel));
        }
      }
    }
  });
  return out;
}

FloatMap heat_map(const Tensor& pooled, int neighbours) {
  require_feature_map(pooled);
  const int channels = static_cast<int>(pooled.dim(1)), height = static_cast<int>(pooled.dim(2)),
            width = static_cast<int>(pooled.dim(3));
  FloatMap heat{width, height, std::vector<float>(static_cast<std::size_t>(width) * height)};
  const NeighbourQuery query{neighbours, -1, false};  // -1: not even the cell itself is left out
  neighbour_distance(pooled.floats().data(), channels, height, width, {&query, 1}, heat.values.data(),
                     FeatureMetric::kEuclidean);
  return heat;
}

FloatMap enlarged(FloatMap heat, int border, Extent input) {
  AVLM_CHECK(!heat.values.empty());
  const float least = *std::min_element(heat.values.begin(), heat.values.end());
  for (int y = 0; y < heat.height; ++y) {
    for (int x = 0; x < heat.width; ++x) {
      const int inwards = std::min({x, y, heat.width - 1 - x, heat.height - 1 - y});
      if (inwards < border) heat.at(x, y) = least;
    }
  }
  const int width = static_cast<int>(input.width), height = static_cast<int>(input.height);
  const Tensor cells = Tensor::from({1, 1, heat.height, heat.width}, std::move(heat.values));
  const Tensor pixels = resize_torch_bilinear(cells, width, height);
  return {width, height, {pixels.floats().begin(), pixels.floats().end()}};
}

FloatMap cropped(const FloatMap& smoothed, int crop) {
  FloatMap inner{smoothed.width - 2 * crop, smoothed.height - 2 * crop, {}};
  if (crop < 0 || inner.width < 1 || inner.height < 1)
    fail(ErrorKind::kBadInput, "UTAD: nothing is left of {} x {} pixels without {} on each side.",
         smoothed.width, smoothed.height, crop);
  for (int y = 0; y < inner.height; ++y)
    for (int x = 0; x < inner.width; ++x) inner.values.push_back(smoothed.at(x + crop, y + crop));
  return inner;
}

Framing framing_of(const Image& image, const Config& config) {
  require_possible(config);
  const CentredSquare square =
      centred_square(image.width, image.height, config.shorter_side, config.input_side);
  Framing framing{square.resized, square.left, square.top, {}};
  const double across = static_cast<double>(image.width) / static_cast<double>(framing.resized.width);
  const double down = static_cast<double>(image.height) / static_cast<double>(framing.resized.height);
  const int first = config.crop, last = config.input_side - config.crop;
  framing.evidence = {
      static_cast<float>((framing.left + first) * across), static_cast<float>((framing.top + first) * down),
      static_cast<float>((framing.left + last) * across), static_cast<float>((framing.top + last) * down)};
  return framing;
}

Image input_of(const Image& image, const Config& config) {
  const Framing framing = framing_of(image, config);
  return resize_pil_lanczos(image, static_cast<int>(framing.resized.width),
                            static_cast<int>(framing.resized.height),
                            {framing.left, framing.top, config.input_side, config.input_side});
}

FloatMap placed(const FloatMap& score_map, const Framing& framing, const Image& image, const Config& config) {
  const auto across = places(image.width, framing.resized.width, framing.left + config.crop, score_map.width);
  const auto down = places(image.height, framing.resized.height, framing.top + config.crop, score_map.height);
  FloatMap map{image.width, image.height,
               std::vector<float>(static_cast<std::size_t>(image.width) * image.height, 0.0F)};
  parallel_for(image.height, 64, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < static_cast<int>(end); ++y) {
      const Between& v = down[static_cast<std::size_t>(y)];
      for (int x = 0; x < image.width && !v.outside; ++x) {
        const Between& h = across[static_cast<std::size_t>(x)];
        if (h.outside) continue;
        const auto between = [&](int row) {
          return (1 - h.weight) * score_map.at(h.first, row) + h.weight * score_map.at(h.second, row);
        };
        map.at(x, y) = (1 - v.weight) * between(v.first) + v.weight * between(v.second);
      }
    }
  });
  return map;
}

Utad::Utad(std::shared_ptr<const FeatureExtractor> features, const Config& config)
    : features_(std::move(features)), config_(config) {
  require_possible(config_);
}

Observation Utad::observe(const Image& image) const {
  const Framing framing = framing_of(image, config_);
  const Tensor features = features_->features(input_of(image, config_));
  require_feature_map(features);
  if (!features.is_finite())
    fail(ErrorKind::kBadModel, "UTAD: the image's features are not numbers; the weights are damaged.");
  const FloatMap heat = heat_map(pooled(features, config_.pooling), config_.neighbours);
  const Extent input{config_.input_side, config_.input_side};
  const FloatMap score_map =
      cropped(blur_gaussian(enlarged(heat, config_.border, input), config_.smoothing_sigma), config_.crop);
  Observation seen{
      .map = placed(score_map, framing, image, config_), .evidence = framing.evidence, .notes = {}};
  seen.score = *std::max_element(score_map.values.begin(), score_map.values.end());
  if (heat.values.size() < static_cast<std::size_t>(config_.neighbours))
    seen.notes.push_back(fmt::format("UTAD compares each cell with all {} cells, as there are fewer than {}.",
                                     heat.values.size(), config_.neighbours));
  return seen;
}

}  // namespace anomalyvlm::utad
