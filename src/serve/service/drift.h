#pragma once
// Whether images and their scores have changed since the server was started: the last ones against the first
// ones.
#include <array>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "anomalyvlm/image.h"

namespace anomalyvlm::serve {

// What is measured of an image as it came.
struct Appearance {
  double brightness = 0;  // mean of its grey levels, 0..1
  double sharpness = 0;   // mean difference of neighbouring grey levels, 0..1
};
Appearance appearance_of(const Image& image);  // of some of its rows, if it has many

// Distance of two distributions: the largest difference of their shares of values up to some value
// (Kolmogorov and Smirnov), 0..1; 0 for the same. Neither is empty.
double largest_difference(std::vector<double> a, std::vector<double> b);

class Drift {
 public:
  explicit Drift(std::size_t window) : window_(window) {}

  void add(double score, const Appearance& appearance);

  struct Summary {
    double mean = 0, median = 0, p90 = 0;
  };
  struct Measure {
    std::optional<Summary> first, last;  // none: no image yet
    std::optional<double> distance;      // none: fewer than two windows of images yet
  };
  static constexpr std::array<const char*, 3> kMeasures = {"score", "brightness", "sharpness"};
  Measure measure(std::size_t index) const;  // of kMeasures
  std::size_t images() const;
  std::size_t window() const { return window_; }

 private:
  struct Series {
    std::vector<double> first;
    std::deque<double> last;
  };
  const std::size_t window_;
  mutable std::mutex mutex_;
  std::array<Series, kMeasures.size()> series_;
  std::size_t images_ = 0;
};

}  // namespace anomalyvlm::serve
