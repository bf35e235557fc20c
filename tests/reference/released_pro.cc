#include "reference/released_pro.h"

#include <algorithm>
#include <limits>

#include "core/check.h"
#include "eval/metrics/prepared_ground_truth.h"

namespace anomalyvlm::reference {

using eval::PreparedGroundTruth;

namespace {

// Pixels by the first threshold that they are above; summed up, those above each threshold.
using Steps = std::vector<double>;

class Thresholds {
 public:
  Thresholds(std::span<const double> scores, int steps) {
    const auto [low, high] = std::minmax_element(scores.begin(), scores.end());
    const double distance = (*high - *low) / steps;
    for (int k = 0; k < steps; ++k) falling_.push_back(*high - k * distance);
  }
  std::size_t count() const { return falling_.size(); }
  // count(): above none.
  std::size_t first_below(double score) const {
    return static_cast<std::size_t>(
        std::partition_point(falling_.begin(), falling_.end(), [&](double t) { return !(score > t); }) -
        falling_.begin());
  }

 private:
  std::vector<double> falling_;
};

// The parts of a ground truth as images of their bounding rectangles, holes filled.
struct FilledPart {
  int x0, y0, x1, y1;  // [x0, x1) x [y0, y1)
  double pixels;       // without what was filled
  Mask filled;
};

// A hole is what cannot be reached from outside over neighbours, diagonal ones too.
void fill_holes(Mask& mask) {
  constexpr std::uint8_t kOutside = 2;
  std::vector<std::pair<int, int>> open;
  const auto reach = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= mask.width || y >= mask.height || mask.at(x, y) != 0) return;
    mask.at(x, y) = kOutside;
    open.emplace_back(x, y);
  };
  for (int y = 0; y < mask.height; ++y)
    for (int x = 0; x < mask.width; ++x)
      if (x == 0 || y == 0 || x + 1 == mask.width || y + 1 == mask.height) reach(x, y);
  while (!open.empty()) {
    const auto [x, y] = open.back();
    open.pop_back();
    for (int dy = -1; dy <= 1; ++dy)
      for (int dx = -1; dx <= 1; ++dx) reach(x + dx, y + dy);
  }
  for (std::uint8_t& value : mask.values) value = value == kOutside ? 0 : 1;
}

// A run of marked pixels: [x0, x1) of row y.
struct Piece {
  int x0, x1, y;
};

Piece piece_of(const PreparedGroundTruth::Run& run, int width) {
  const int begin = static_cast<int>(run.begin), x0 = begin % width;
  return {x0, x0 + static_cast<int>(run.end) - begin, begin / width};
}

std::vector<FilledPart> filled_parts(const PreparedGroundTruth& truth) {
  std::vector<FilledPart> parts;
  for (const std::uint32_t pixels : truth.part_pixels())
    parts.push_back({truth.width(), truth.height(), 0, 0, static_cast<double>(pixels), {}});
  for (const PreparedGroundTruth::Run& run : truth.runs()) {
    const Piece piece = piece_of(run, truth.width());
    FilledPart& part = parts[run.part];
    part.x0 = std::min(part.x0, piece.x0);
    part.y0 = std::min(part.y0, piece.y);
    part.x1 = std::max(part.x1, piece.x1);
    part.y1 = std::max(part.y1, piece.y + 1);
  }
  for (FilledPart& part : parts) {
    part.filled = {part.x1 - part.x0, part.y1 - part.y0, {}};
    part.filled.values.resize(static_cast<std::size_t>(part.filled.width) *
                              static_cast<std::size_t>(part.filled.height));
  }
  for (const PreparedGroundTruth::Run& run : truth.runs()) {
    const Piece piece = piece_of(run, truth.width());
    FilledPart& part = parts[run.part];
    for (int x = piece.x0; x < piece.x1; ++x) part.filled.at(x - part.x0, piece.y - part.y0) = 1;
  }
  for (FilledPart& part : parts) fill_holes(part.filled);
  return parts;
}

// The trapezoid area over rates stretched to 0..1, of the thresholds whose rate is at most `limit`.
double stretched_area(const Steps& rates, const Steps& overlaps, double limit) {
  std::size_t kept = 0;
  while (kept < rates.size() && rates[kept] <= limit) ++kept;
  if (kept < 2 || !(rates[kept - 1] > rates[0])) return std::numeric_limits<double>::quiet_NaN();
  double area = 0;
  for (std::size_t k = 1; k < kept; ++k)
    area += (rates[k] - rates[k - 1]) * (overlaps[k] + overlaps[k - 1]) / 2;
  return area / (rates[kept - 1] - rates[0]);
}

}  // namespace

double released_pro(std::span<const double> scores, const std::vector<Mask>& masks, double limit, int steps) {
  std::size_t pixels = 0;
  for (const Mask& mask : masks) pixels += mask.values.size();
  if (pixels != scores.size() || pixels == 0 || steps < 1)
    fail(ErrorKind::kBadInput, "{} scores cannot be compared with masks of {} pixels at {} thresholds.",
         scores.size(), pixels, steps);
  const Thresholds thresholds(scores, steps);
  Steps false_positives(thresholds.count() + 1), overlaps(thresholds.count() + 1);
  double negatives = 0, regions = 0;
  for (const Mask& mask : masks) {
    const PreparedGroundTruth truth(mask);
    for (std::size_t i = 0; i < truth.pixels(); ++i) {
      if (mask.values[i] != 0) continue;
      ++negatives;
      ++false_positives[thresholds.first_below(scores[i])];
    }
    for (const FilledPart& part : filled_parts(truth)) {
      ++regions;
      for (int y = part.y0; y < part.y1; ++y)
        for (int x = part.x0; x < part.x1; ++x)
          if (part.filled.at(x - part.x0, y - part.y0) != 0)
            overlaps[thresholds.first_below(scores[static_cast<std::size_t>(y) * mask.width + x])] +=
                1 / part.pixels;
    }
    scores = scores.subspan(truth.pixels());
  }
  if (negatives == 0 || regions == 0) return std::numeric_limits<double>::quiet_NaN();
  Steps rates, means;
  double found = 0, overlap = 0;
  for (std::size_t k = 0; k < thresholds.count(); ++k) {
    rates.push_back((found += false_positives[k]) / negatives);
    means.push_back((overlap += overlaps[k]) / regions);
  }
  return stretched_area(rates, means, limit);
}

}  // namespace anomalyvlm::reference
