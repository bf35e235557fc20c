#pragma once
// All metrics of a set of images, collected image by image.
//
//   Scores<float> good, crack;                       // one object for each kind of image
//   const PreparedGroundTruth truth(mask);                 // once an image
//   crack.add(map.values, truth, true, regions);     // once an image and variant of the method
//   Scores<float>* const both[] = {&good, &crack};
//   const Metrics metrics = measure<float>(both);    // of the union, without copying it
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "eval/metrics/metric_values.h"
#include "eval/metrics/pixel_scores.h"
#include "eval/metrics/prepared_ground_truth.h"
#include "eval/metrics/region_scores.h"

namespace anomalyvlm::eval {

// One score and one label an image.
class ImageScores {
 public:
  // Throws Error(kBadInput) for a score that is not finite.
  void add(double score, bool anomalous);

  std::size_t images() const { return scored_.size(); }
  std::size_t anomalous() const { return anomalous_; }
  const std::vector<std::pair<double, bool>>& scored() const { return scored_; }

 private:
  std::vector<std::pair<double, bool>> scored_;
  std::size_t anomalous_ = 0;
};

// The same metrics as of pixels; the numbers, and with reasons where there are none.
SweepResult sweep_images(std::span<const ImageScores* const> parts);
LevelMetrics measure_images(std::span<const ImageScores* const> parts);

// What is collected of the images of one kind. T, float or double, is the type of the maps' scores.
template <typename T>
struct Scores {
  PixelScores<T> pixels;
  ImageScores images;
  RegionScores regions;

  // One image: its map, row by row, and its predicted regions, of the ground truth's size. The image's score
  // is the map's maximum, unless the method has one of its own. `anomalous` is its label, which a mask may
  // have lost when it was shrunk. Throws Error(kBadInput), and has added nothing, for what cannot be measured
  // (see the three classes).
  void add(std::span<const T> map, const PreparedGroundTruth& truth, bool anomalous,
           std::span<const ScoredRegion> regions, std::optional<double> image_score = {});
  // An image of which only a label is known.
  void add(std::span<const T> map, bool anomalous, std::optional<double> image_score = {});
};

// The metrics of all of `parts` as one set; none twice. What is not defined says why. Sorts the scores where
// they lie; more can be added afterwards.
template <typename T>
Metrics measure(std::span<Scores<T>* const> parts);

extern template struct Scores<float>;
extern template struct Scores<double>;
extern template Metrics measure(std::span<Scores<float>* const>);
extern template Metrics measure(std::span<Scores<double>* const>);

}  // namespace anomalyvlm::eval
