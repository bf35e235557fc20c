#include "regions/measures.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "core/check.h"
#include "regions/geometry.h"

namespace anomalyvlm {
namespace {

int clamped(double value, int least, int most) {
  return static_cast<int>(std::clamp(value, double(least), double(most)));
}

// What is inside as 255, cut to `bounds`, with `margin` pixels of 0 around it.
cv::Mat padded(const Region& region, const PixelRect& bounds, int margin) {
  cv::Mat image = cv::Mat::zeros(bounds.height() + 2 * margin, bounds.width() + 2 * margin, CV_8U);
  region.for_each_run([&](int y, int begin, int end) {
    auto* row = image.ptr<std::uint8_t>(y - bounds.y0 + margin) + margin - bounds.x0;
    std::fill(row + begin, row + end, std::uint8_t{255});
  });
  return image;
}

// Fills holes; `image` has a border of at least one pixel of 0.
void fill_holes(cv::Mat& image) {
  cv::Mat outside = image.clone();
  cv::floodFill(outside, cv::Point(0, 0), cv::Scalar(255));
  image |= ~outside;
}

// Changes between 0 and 1 along rows, columns and both diagonals. The image has a border of 0.
double crofton_perimeter(const cv::Mat& image) {
  std::int64_t straight = 0, diagonal = 0;
  for (int y = 0; y + 1 < image.rows; ++y) {
    const auto* here = image.ptr<std::uint8_t>(y);
    const auto* below = image.ptr<std::uint8_t>(y + 1);
    for (int x = 0; x + 1 < image.cols; ++x) {
      straight += (here[x] != here[x + 1]) + (here[x] != below[x]);
      diagonal += (here[x] != below[x + 1]) + (here[x + 1] != below[x]);
    }
  }
  constexpr double kPi = 3.14159265358979323846;
  return kPi / 8 * (static_cast<double>(straight) + static_cast<double>(diagonal) / std::sqrt(2.0));
}

// The object as a mask, cut to the part of the image where it lies.
cv::Rect object_rectangle(const InspectedObject& object, int width, int height) {
  const int x0 = clamped(std::floor(object.box.x0 + 0.5f), 0, width),
            x1 = clamped(std::floor(object.box.x1 + 0.5f), x0, width);
  const int y0 = clamped(std::floor(object.box.y0 + 0.5f), 0, height),
            y1 = clamped(std::floor(object.box.y1 + 0.5f), y0, height);
  return {x0, y0, x1 - x0, y1 - y0};
}

bool in_object(const InspectedObject& object, const cv::Rect& box, int x, int y) {
  return object.mask.empty() ? box.contains({x, y}) : object.mask.is_inside(x, y);
}

}  // namespace

InspectedObject InspectedObject::whole_image(int width, int height) {
  return {.box = {0, 0, static_cast<float>(width), static_cast<float>(height)}, .mask = {}};
}

// Distance of each pixel of the object's rectangle to the nearest one outside the object.
struct MeasureScene::EdgeMap {
  std::once_flag made;
  cv::Mat distance;  // with a margin of one pixel
};

MeasureScene::MeasureScene(const Image& image, const InspectedObject& object)
    : image_(image), object_(object), edges_(std::make_unique<EdgeMap>()) {
  AVLM_CHECK(lies_within(object.mask.rect(), image.width, image.height));
  object_area_ =
      object.mask.empty() ? static_cast<double>(object.box.area()) : static_cast<double>(object.mask.area());
}

MeasureScene::~MeasureScene() = default;

double MeasureScene::edge_distance(const Region& region) const {
  const PixelRect bounds = region.bounds();
  if (bounds.empty()) return 0;
  if (object_.mask.empty()) {
    const cv::Rect box = object_rectangle(object_, image_.width, image_.height);
    const int nearest = std::min({bounds.x0 - box.x, bounds.y0 - box.y, box.x + box.width - bounds.x1,
                                  box.y + box.height - bounds.y1});
    return std::max(0, nearest);
  }
  const PixelRect& rect = object_.mask.rect();
  std::call_once(edges_->made, [&] {
    cv::Mat object = padded(object_.mask, rect, 1);
    fill_holes(object);
    cv::distanceTransform(object, edges_->distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  });
  if (intersection(bounds, rect) != bounds) return 0;  // it crosses the edge
  float least = HUGE_VALF;
  region.for_each_run([&](int y, int begin, int end) {
    const auto* distance = edges_->distance.ptr<float>(y - rect.y0 + 1) + 1 - rect.x0;
    least = std::min(least, *std::min_element(distance + begin, distance + end));
  });
  return std::max(0.0, static_cast<double>(least) - 1);
}

RegionMeasures::RegionMeasures(const Region& region, double confidence, const MeasureScene& scene)
    : region_(region),
      bounds_(region.bounds()),
      area_(static_cast<double>(region.area())),
      confidence_(confidence),
      scene_(scene) {
  AVLM_CHECK(lies_within(region.rect(), scene.image().width, scene.image().height));
}

const std::array<double, 2>& RegionMeasures::sides() const {
  if (sides_) return *sides_;
  if (bounds_.empty()) return sides_.emplace(std::array<double, 2>{0, 0});
  std::vector<cv::Point> points;  // the ends of runs are enough for the hull
  region_.for_each_run([&](int y, int begin, int end) {
    points.emplace_back(begin - bounds_.x0, y - bounds_.y0);
    points.emplace_back(end - 1 - bounds_.x0, y - bounds_.y0);
  });
  const cv::Size2f size = cv::minAreaRect(points).size;
  const double a = size.width + 1.0, b = size.height + 1.0;  // from pixel centres to pixels
  return sides_.emplace(std::array<double, 2>{std::max(a, b), std::min(a, b)});
}

double RegionMeasures::aspect_ratio() const { return width() > 0 ? length() / width() : 0; }
double RegionMeasures::elongation() const { return length() > 0 ? 1 - width() / length() : 0; }

double RegionMeasures::circularity() const {
  if (circularity_) return *circularity_;
  if (bounds_.empty()) return circularity_.emplace(0);
  cv::Mat image = padded(region_, bounds_, 1);
  fill_holes(image);
  const double perimeter = crofton_perimeter(image);
  constexpr double kFourPi = 12.56637061435917295385;
  return circularity_.emplace(std::min(1.0, kFourPi * cv::countNonZero(image) / (perimeter * perimeter)));
}

const RegionMeasures::Colors& RegionMeasures::colors() const {
  if (colors_) return *colors_;
  const Image& image = scene_.image();
  const int gap = 1, ring = clamped(std::lround(std::sqrt(area_) / 4), 3, 32), margin = gap + ring;
  const cv::Mat region = padded(region_, bounds_, margin);
  cv::Mat distance;  // to the region
  cv::distanceTransform(~region, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  const cv::Rect box = object_rectangle(scene_.object(), image.width, image.height);
  enum Part { kInside, kRing, kRingOnObject, kParts };
  std::array<std::array<double, 3>, kParts> sums{};
  std::array<double, kParts> counts{};
  for (int y = 0; y < region.rows; ++y) {
    const int row = bounds_.y0 - margin + y;
    if (row < 0 || row >= image.height) continue;
    for (int x = 0; x < region.cols; ++x) {
      const int column = bounds_.x0 - margin + x;
      const bool inside = region.at<std::uint8_t>(y, x) != 0;
      const float away = distance.at<float>(y, x);
      const bool around = away > static_cast<float>(gap) && away <= static_cast<float>(margin);
      if (column < 0 || column >= image.width || !(inside || around)) continue;
      const std::uint8_t* rgb = image.row(row) + static_cast<std::ptrdiff_t>(column) * 3;
      const Part part = inside                                         ? kInside
                        : in_object(scene_.object(), box, column, row) ? kRingOnObject
                                                                       : kRing;
      for (std::size_t c = 0; c < 3; ++c) sums[part][c] += rgb[c];
      ++counts[part];
    }
  }
  const Part around = counts[kRingOnObject] > 0 ? kRingOnObject : kRing;
  Colors colors{};
  colors.has_surroundings = counts[around] > 0 && counts[kInside] > 0;
  for (std::size_t c = 0; c < 3; ++c) {
    if (counts[kInside] > 0) colors.inside[c] = sums[kInside][c] / counts[kInside] / 255;
    if (counts[around] > 0) colors.around[c] = sums[around][c] / counts[around] / 255;
  }
  return colors_.emplace(colors);
}

double RegionMeasures::brightness() const {
  const Colors& c = colors();
  if (!c.has_surroundings) return 0;
  const auto luma = [](const std::array<double, 3>& rgb) {
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
  };
  return luma(c.inside) - luma(c.around);
}

double RegionMeasures::color_difference() const {
  const Colors& c = colors();
  if (!c.has_surroundings) return 0;
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) sum += (c.inside[i] - c.around[i]) * (c.inside[i] - c.around[i]);
  return std::sqrt(sum / 3);
}

std::optional<double> RegionMeasures::hue() const {
  const auto& [r, g, b] = colors().inside;
  const double high = std::max({r, g, b}), chroma = high - std::min({r, g, b});
  if (chroma < 0.02) return std::nullopt;
  const double sixth = high == r   ? std::fmod((g - b) / chroma + 6, 6)
                       : high == g ? (b - r) / chroma + 2
                                   : (r - g) / chroma + 4;
  return 60 * sixth;
}

double RegionMeasures::edge_distance() const {
  if (!edge_distance_) edge_distance_ = scene_.edge_distance(region_);
  return *edge_distance_;
}

double RegionMeasures::share_inside(std::span<const std::array<double, 2>> polygon) const {
  std::int64_t inside = 0;
  std::vector<double> crossings;  // of the polygon's sides with the middle of a row, from left to right
  const auto cross = [&](double row) {
    crossings.clear();
    for (std::size_t i = 0; i < polygon.size(); ++i) {
      const auto& [ax, ay] = polygon[i];
      const auto& [bx, by] = polygon[(i + 1) % polygon.size()];
      if ((ay <= row) != (by <= row)) crossings.push_back(ax + (row - ay) / (by - ay) * (bx - ax));
    }
    std::sort(crossings.begin(), crossings.end());
  };
  int row = bounds_.y0 - 1;
  region_.for_each_run([&](int y, int begin, int end) {
    if (y != row) cross(y + 0.5);
    row = y;
    for (int x = begin; x < end && !crossings.empty(); ++x)
      inside += (std::upper_bound(crossings.begin(), crossings.end(), x + 0.5) - crossings.begin()) % 2;
  });
  return area_ == 0 ? 0 : static_cast<double>(inside) / area_;
}

double RegionMeasures::share_inside_object() const {
  const InspectedObject& object = scene_.object();
  const cv::Rect box = object_rectangle(object, scene_.image().width, scene_.image().height);
  std::int64_t inside = 0;
  region_.for_each_run([&](int y, int begin, int end) {
    for (int x = begin; x < end; ++x) inside += in_object(object, box, x, y);
  });
  return area_ == 0 ? 0 : static_cast<double>(inside) / area_;
}

}  // namespace anomalyvlm
