#pragma once
// Pixels of many images and the metrics over them: exact, over every distinct score as threshold.
#include <cstdint>
#include <span>
#include <vector>

#include "eval/metrics/metric_values.h"
#include "eval/metrics/prepared_ground_truth.h"
#include "eval/metrics/sweep.h"

namespace anomalyvlm::eval {

constexpr double kFalsePositiveLimit = 0.3;  // of PRO

// The highest score of a map. Throws Error(kBadInput) when one is not finite, or there is none.
template <typename T>
T highest_score(std::span<const T> map);

// Values that are appended and never move, so that a large set takes no more memory than it has values.
// Blocks grow with the set up to 2^20 values, and each is sorted by itself.
template <typename V>
struct Blocks {
  struct Block {
    std::vector<V> values;
    bool sorted = true;
  };
  std::vector<Block> blocks;
  std::size_t size = 0;

  void append(const V* values, std::size_t count);
};

// The scores of all pixels of some images, T = float or double. Of a pixel with the score 0, as nearly all
// are of a fused map, only the number is kept; any other takes a T, and 4 bytes more (T = double: 8) if it is
// marked. One object for each kind of image: measured together they give the metrics of the union.
template <typename T>
class PixelScores {
 public:
  // One image's map, row by row; gives its highest score. Throws Error(kBadInput), and has added nothing,
  // when the sizes differ or a score is not finite.
  T add(std::span<const T> map, const PreparedGroundTruth& truth);

  std::uint64_t positives() const { return positives_.size + zero_positives_; }
  std::uint64_t negatives() const { return negatives_.size + zero_negatives_; }
  std::uint64_t regions() const { return regions_; }  // connected parts of all images

  struct Positive {
    T score;
    std::uint32_t part_pixels;  // of the part it belongs to; it covers 1 / part_pixels of it
  };

 private:
  template <typename U>
  friend class PixelPass;

  void add_negatives(std::span<const T> scores);
  void add_positives(std::span<const T> scores, std::uint32_t part_pixels);

  Blocks<T> negatives_;
  Blocks<Positive> positives_;
  std::uint64_t zero_negatives_ = 0, zero_positives_ = 0, regions_ = 0;
  double zero_overlap_ = 0;  // of the marked pixels with the score 0: the sum of 1 / part_pixels
};

struct PixelSweep : SweepResult {
  double pro;  // NaN without regions or without negatives
};

// All of `parts` as one set; none twice. The numbers; measure_pixels gives reasons where there are none. Not
// const, for scores are sorted where they lie (on all threads, a block each); more can be added afterwards.
template <typename T>
PixelSweep sweep_pixels(std::span<PixelScores<T>* const> parts,
                        double false_positive_limit = kFalsePositiveLimit);

struct PixelMetrics {
  LevelMetrics level;
  MetricValue pro;
};
template <typename T>
PixelMetrics measure_pixels(std::span<PixelScores<T>* const> parts);

extern template float highest_score(std::span<const float>);
extern template double highest_score(std::span<const double>);
extern template class PixelScores<float>;
extern template class PixelScores<double>;
extern template PixelSweep sweep_pixels(std::span<PixelScores<float>* const>, double);
extern template PixelSweep sweep_pixels(std::span<PixelScores<double>* const>, double);
extern template PixelMetrics measure_pixels(std::span<PixelScores<float>* const>);
extern template PixelMetrics measure_pixels(std::span<PixelScores<double>* const>);

}  // namespace anomalyvlm::eval
