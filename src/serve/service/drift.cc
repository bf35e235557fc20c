#include "serve/service/drift.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace anomalyvlm::serve {
namespace {

int grey(const std::uint8_t* rgb) { return (299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2]) / 1000; }

Drift::Summary summary_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
  };
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return {sum / static_cast<double>(values.size()), at(0.5), at(0.9)};
}

}  // namespace

Appearance appearance_of(const Image& image) {
  constexpr int kMostRows = 256;
  const int step = std::max(1, image.height / kMostRows);
  std::int64_t sum = 0, differences = 0, pixels = 0, pairs = 0;
  for (int y = 0; y < image.height; y += step) {
    const std::uint8_t* row = image.row(y);
    int before = grey(row);
    sum += before;
    for (int x = 1; x < image.width; ++x) {
      const int value = grey(row + 3 * x);
      sum += value;
      differences += std::abs(value - before);
      before = value;
    }
    pixels += image.width;
    pairs += image.width - 1;
  }
  constexpr double kWhite = 255;
  return {static_cast<double>(sum) / static_cast<double>(std::max<std::int64_t>(pixels, 1)) / kWhite,
          static_cast<double>(differences) / static_cast<double>(std::max<std::int64_t>(pairs, 1)) / kWhite};
}

double largest_difference(std::vector<double> a, std::vector<double> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  double largest = 0;
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    const double value = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == value) ++i;
    while (j < b.size() && b[j] == value) ++j;
    largest = std::max(largest, std::abs(static_cast<double>(i) / static_cast<double>(a.size()) -
                                         static_cast<double>(j) / static_cast<double>(b.size())));
  }
  return largest;
}

void Drift::add(double score, const Appearance& appearance) {
  const std::array<double, kMeasures.size()> values = {score, appearance.brightness, appearance.sharpness};
  const std::lock_guard lock(mutex_);
  ++images_;
  for (std::size_t i = 0; i < values.size(); ++i) {
    Series& series = series_[i];
    if (series.first.size() < window_) series.first.push_back(values[i]);
    series.last.push_back(values[i]);
    if (series.last.size() > window_) series.last.pop_front();
  }
}

Drift::Measure Drift::measure(std::size_t index) const {
  const std::unique_lock lock(mutex_);
  const Series& series = series_.at(index);
  if (series.first.empty()) return {};
  std::vector<double> last(series.last.begin(), series.last.end());
  Measure measure{summary_of(series.first), summary_of(last), {}};
  if (images_ >= 2 * window_) measure.distance = largest_difference(series.first, std::move(last));
  return measure;
}

std::size_t Drift::images() const {
  const std::lock_guard lock(mutex_);
  return images_;
}

}  // namespace anomalyvlm::serve
