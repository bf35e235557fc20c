#include "pipeline/measure.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "core/check.h"

namespace anomalyvlm {
namespace {

int clamped(double value, int least, int most) {
  return static_cast<int>(std::clamp(value, double(least), double(most)));
}

// The mask on its own memory as 0 / 255, with `margin` pixels of 0 around it.
cv::Mat padded(MaskView mask, int margin) {
  cv::Mat image = cv::Mat::zeros(mask.height + 2 * margin, mask.width + 2 * margin, CV_8U);
  for (int y = 0; y < mask.height; ++y) {
    const std::uint8_t* from = mask.row(y);
    std::uint8_t* to = image.ptr<std::uint8_t>(y + margin) + margin;
    for (int x = 0; x < mask.width; ++x) to[x] = from[x] != 0 ? 255 : 0;
  }
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
  return object.mask.values.empty() ? box.contains({x, y}) : object.mask.at(x, y) != 0;
}

}  // namespace

MaskView::MaskView(const Mask& mask)
    : MaskView(mask.values.data(), 0, 0, mask.width, mask.height, static_cast<std::size_t>(mask.width)) {}

MaskView::MaskView(const std::uint8_t* v, int left, int top, int w, int h, std::size_t row_stride)
    : values(v), x0(left), y0(top), width(w), height(h), stride(row_stride) {}

MaskView tight(MaskView mask) {
  int left = mask.width, right = 0, top = mask.height, bottom = 0;
  for (int y = 0; y < mask.height; ++y) {
    const std::uint8_t* row = mask.row(y);
    int first = 0, last = mask.width;
    while (first < last && row[first] == 0) ++first;
    if (first == last) continue;
    while (row[last - 1] == 0) --last;
    left = std::min(left, first);
    right = std::max(right, last);
    top = std::min(top, y);
    bottom = y + 1;
  }
  if (bottom == 0) return {nullptr, mask.x0, mask.y0, 0, 0, 0};
  return {mask.row(top) + left, mask.x0 + left, mask.y0 + top, right - left, bottom - top, mask.stride};
}

double area_of(MaskView mask) {
  std::int64_t area = 0;
  for (int y = 0; y < mask.height; ++y) {
    const std::uint8_t* row = mask.row(y);
    for (int x = 0; x < mask.width; ++x) area += row[x] != 0;
  }
  return static_cast<double>(area);
}

InspectedObject InspectedObject::whole_image(int width, int height) {
  return {.box = {0, 0, static_cast<float>(width), static_cast<float>(height)}, .mask = {}};
}

// Distance of each pixel to the nearest one outside the object, and what of it was cut away.
struct MeasureScene::EdgeMap {
  std::once_flag made;
  cv::Mat distance;  // of the image's size
};

MeasureScene::MeasureScene(const Image& image, const InspectedObject& object)
    : image_(image), object_(object), edges_(std::make_unique<EdgeMap>()) {
  const bool fits =
      object.mask.values.empty() || (object.mask.width == image.width && object.mask.height == image.height);
  AVLM_CHECK(fits);
  object_area_ = object.mask.values.empty() ? object.box.area() : area_of(object.mask);
}

MeasureScene::~MeasureScene() = default;

double MeasureScene::edge_distance(MaskView mask) const {
  if (mask.empty()) return 0;
  const cv::Rect box = object_rectangle(object_, image_.width, image_.height);
  if (object_.mask.values.empty()) {
    const int nearest = std::min({mask.x0 - box.x, mask.y0 - box.y, box.x + box.width - mask.x0 - mask.width,
                                  box.y + box.height - mask.y0 - mask.height});
    return std::max(0, nearest);
  }
  std::call_once(edges_->made, [&] {
    cv::Mat object = padded(object_.mask, 1);
    fill_holes(object);
    cv::Mat distance;
    cv::distanceTransform(object, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
    edges_->distance = distance(cv::Rect(1, 1, image_.width, image_.height)).clone();
  });
  float least = HUGE_VALF;
  for (int y = 0; y < mask.height; ++y) {
    const std::uint8_t* inside = mask.row(y);
    const float* distance = edges_->distance.ptr<float>(mask.y0 + y) + mask.x0;
    for (int x = 0; x < mask.width; ++x) {
      if (inside[x] != 0) least = std::min(least, distance[x]);
    }
  }
  return std::max(0.0, static_cast<double>(least) - 1);
}

RegionMeasures::RegionMeasures(MaskView mask, double confidence, const MeasureScene& scene)
    : mask_(tight(mask)), area_(area_of(mask_)), confidence_(confidence), scene_(scene) {
  AVLM_CHECK(mask_.empty() ||
             (mask_.x0 >= 0 && mask_.y0 >= 0 && mask_.x0 + mask_.width <= scene.image().width &&
              mask_.y0 + mask_.height <= scene.image().height));
}

std::array<double, 2> RegionMeasures::centroid() const {
  double sum_x = 0, sum_y = 0;
  for (int y = 0; y < mask_.height; ++y) {
    const std::uint8_t* row = mask_.row(y);
    for (int x = 0; x < mask_.width; ++x) {
      if (row[x] == 0) continue;
      sum_x += mask_.x0 + x + 0.5;
      sum_y += mask_.y0 + y + 0.5;
    }
  }
  return area_ == 0 ? std::array<double, 2>{0, 0} : std::array<double, 2>{sum_x / area_, sum_y / area_};
}

const std::array<double, 2>& RegionMeasures::sides() const {
  if (sides_) return *sides_;
  if (mask_.empty()) return sides_.emplace(std::array<double, 2>{0, 0});
  // The outermost pixels of each row are enough for the hull.
  std::vector<cv::Point> points;
  for (int y = 0; y < mask_.height; ++y) {
    const std::uint8_t* row = mask_.row(y);
    const std::uint8_t* end = row + mask_.width;
    const auto* first = std::find_if(row, end, [](std::uint8_t v) { return v != 0; });
    if (first == end) continue;
    points.emplace_back(static_cast<int>(first - row), y);
    while (*(end - 1) == 0) --end;
    points.emplace_back(static_cast<int>(end - row) - 1, y);
  }
  const cv::Size2f size = cv::minAreaRect(points).size;
  const double a = size.width + 1.0, b = size.height + 1.0;  // from pixel centres to pixels
  return sides_.emplace(std::array<double, 2>{std::max(a, b), std::min(a, b)});
}

double RegionMeasures::aspect_ratio() const { return width() > 0 ? length() / width() : 0; }
double RegionMeasures::elongation() const { return length() > 0 ? 1 - width() / length() : 0; }

double RegionMeasures::circularity() const {
  if (circularity_) return *circularity_;
  if (mask_.empty()) return circularity_.emplace(0);
  cv::Mat image = padded(mask_, 1);
  fill_holes(image);
  const double perimeter = crofton_perimeter(image);
  constexpr double kFourPi = 12.56637061435917295385;
  return circularity_.emplace(std::min(1.0, kFourPi * cv::countNonZero(image) / (perimeter * perimeter)));
}

const RegionMeasures::Colors& RegionMeasures::colors() const {
  if (colors_) return *colors_;
  const Image& image = scene_.image();
  const int gap = 1, ring = clamped(std::lround(std::sqrt(area_) / 4), 3, 32), margin = gap + ring;
  const cv::Mat region = padded(mask_, margin);
  cv::Mat distance;  // to the region
  cv::distanceTransform(~region, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  const cv::Rect box = object_rectangle(scene_.object(), image.width, image.height);
  enum Part { kInside, kRing, kRingOnObject, kParts };
  std::array<std::array<double, 3>, kParts> sums{};
  std::array<double, kParts> counts{};
  for (int y = 0; y < region.rows; ++y) {
    const int row = mask_.y0 - margin + y;
    if (row < 0 || row >= image.height) continue;
    for (int x = 0; x < region.cols; ++x) {
      const int column = mask_.x0 - margin + x;
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
  if (!edge_distance_) edge_distance_ = scene_.edge_distance(mask_);
  return *edge_distance_;
}

double RegionMeasures::share_inside(std::span<const std::array<double, 2>> polygon) const {
  std::int64_t inside = 0;
  std::vector<double> crossings;
  for (int y = 0; y < mask_.height; ++y) {
    const double row = mask_.y0 + y + 0.5;
    crossings.clear();
    for (std::size_t i = 0; i < polygon.size(); ++i) {
      const auto& [ax, ay] = polygon[i];
      const auto& [bx, by] = polygon[(i + 1) % polygon.size()];
      if ((ay <= row) != (by <= row)) crossings.push_back(ax + (row - ay) / (by - ay) * (bx - ax));
    }
    std::sort(crossings.begin(), crossings.end());
    const std::uint8_t* set = mask_.row(y);
    for (int x = 0; x < mask_.width && !crossings.empty(); ++x) {
      if (set[x] == 0) continue;
      const auto left =
          std::upper_bound(crossings.begin(), crossings.end(), mask_.x0 + x + 0.5) - crossings.begin();
      inside += left % 2;
    }
  }
  return area_ == 0 ? 0 : static_cast<double>(inside) / area_;
}

double RegionMeasures::share_inside_object() const {
  const InspectedObject& object = scene_.object();
  const cv::Rect box = object_rectangle(object, scene_.image().width, scene_.image().height);
  std::int64_t inside = 0;
  for (int y = 0; y < mask_.height; ++y) {
    const std::uint8_t* set = mask_.row(y);
    for (int x = 0; x < mask_.width; ++x)
      inside += set[x] != 0 && in_object(object, box, mask_.x0 + x, mask_.y0 + y);
  }
  return area_ == 0 ? 0 : static_cast<double>(inside) / area_;
}

}  // namespace anomalyvlm
