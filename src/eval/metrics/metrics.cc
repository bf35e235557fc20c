#include "eval/metrics/metrics.h"

#include <cmath>

#include "core/check.h"

namespace anomalyvlm::eval {
namespace {

constexpr Reasons kImageReasons{"there is no image", "no image is anomalous", "every image is anomalous"};

struct Images {
  std::vector<std::pair<double, bool>> scored;
  std::uint64_t anomalous = 0;
};

Images united(std::span<const ImageScores* const> parts) {
  Images all;
  for (const ImageScores* part : parts) {
    all.scored.insert(all.scored.end(), part->scored().begin(), part->scored().end());
    all.anomalous += part->anomalous();
  }
  return all;
}

}  // namespace

void ImageScores::add(double score, bool anomalous) {
  if (!std::isfinite(score))
    fail(ErrorKind::kBadInput, "An image has a score that is not a finite number: it cannot be measured.");
  scored_.emplace_back(score, anomalous);
  anomalous_ += anomalous ? 1 : 0;
}

SweepResult sweep_images(std::span<const ImageScores* const> parts) {
  Images all = united(parts);
  return sweep_scored(std::move(all.scored), all.anomalous);
}

LevelMetrics measure_images(std::span<const ImageScores* const> parts) {
  Images all = united(parts);
  const std::uint64_t normal = all.scored.size() - all.anomalous;
  return with_reasons(sweep_scored(std::move(all.scored), all.anomalous), all.anomalous, normal,
                      kImageReasons);
}

template <typename T>
void Scores<T>::add(std::span<const T> map, const PreparedGroundTruth& truth, bool anomalous,
                    std::span<const ScoredRegion> found, std::optional<double> image_score) {
  RegionScores of_image;
  of_image.add(found, truth);
  const double highest = pixels.add(map, truth);
  images.add(image_score.value_or(highest), anomalous);
  regions.append(of_image);  // now that nothing can be refused any more
}

template <typename T>
void Scores<T>::add(std::span<const T> map, bool anomalous, std::optional<double> image_score) {
  images.add(image_score ? *image_score : highest_score(map), anomalous);
}

template <typename T>
Metrics measure(std::span<Scores<T>* const> parts) {
  std::vector<PixelScores<T>*> pixels;
  std::vector<const ImageScores*> images;
  std::vector<const RegionScores*> regions;
  Metrics metrics;
  for (Scores<T>* part : parts) {
    pixels.push_back(&part->pixels);
    images.push_back(&part->images);
    regions.push_back(&part->regions);
    metrics.images += part->images.images();
    metrics.anomalous += part->images.anomalous();
  }
  const PixelMetrics of_pixels = measure_pixels<T>(pixels);
  metrics.pixel = of_pixels.level;
  metrics.pro = of_pixels.pro;
  metrics.image = measure_images(images);
  const RegionMetrics of_regions = measure_regions(regions);
  metrics.region_f1 = of_regions.f1;
  metrics.region_threshold = of_regions.threshold;
  metrics.regions = of_regions.marked;
  return metrics;
}

template struct Scores<float>;
template struct Scores<double>;
template Metrics measure(std::span<Scores<float>* const>);
template Metrics measure(std::span<Scores<double>* const>);

}  // namespace anomalyvlm::eval
