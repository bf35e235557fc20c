#include "results/overlay.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "core/check.h"
#include "core/threads.h"
#include "image/color_map.h"
#include "image/resize.h"
#include "image/text_renderer.h"
#include "regions/geometry.h"
#include "regions/outlines.h"

namespace anomalyvlm {
namespace {

// One per region, in turn: bright, and none of them a colour of high heat.
const cv::Scalar kColors[] = {
    {255, 255, 255}, {0, 240, 255}, {255, 120, 255}, {160, 255, 90}, {255, 225, 80}};
const cv::Scalar kShadow(20, 20, 20), kMuted(170, 170, 170);

void blend_heat(Image& canvas, const FloatMap& heat, const OverlayStyle& style) {
  float full = style.heat_full;
  if (full <= 0) full = *std::max_element(heat.values.begin(), heat.values.end());
  if (!(full > 0)) return;
  parallel_for(canvas.height, 64, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y) {
      std::uint8_t* pixel = canvas.row(y);
      for (int x = 0; x < canvas.width; ++x, pixel += 3) {
        const float t = heat.at(x, y) / full;
        if (!(t > 0)) continue;  // also NaN
        const auto color = heat_color(std::min(t, 1.0f));
        const float opacity = style.heat_strength * std::sqrt(std::min(t, 1.0f));
        for (int c = 0; c < 3; ++c) {
          pixel[c] = static_cast<std::uint8_t>(pixel[c] + opacity * (color[c] - pixel[c]) + 0.5f);
        }
      }
    }
  });
}

// How many pixels of the overlay an image's pixel becomes, each way.
struct Enlargement {
  int across = 1, down = 1;
};

// Draws on an enlarged image.
class Pen {
 public:
  Pen(Image& canvas, Enlargement scale, const TextRenderer& renderer)
      : image_(canvas),
        canvas_(canvas.height, canvas.width, CV_8UC3, canvas.rgb.data()),
        renderer_(renderer),
        scale_(scale),
        reach_(std::min(std::max(canvas.width, canvas.height), 4 * std::min(canvas.width, canvas.height))),
        width_(std::max(2, static_cast<int>(std::lround(reach_ / 560.0)))) {}

  void outline(const Region& region, const cv::Scalar& color) {
    const std::vector<std::vector<cv::Point>> lines = lines_of(region);
    cv::polylines(canvas_, lines, true, kShadow, width_ + 2, cv::LINE_AA);
    cv::polylines(canvas_, lines, true, color, width_, cv::LINE_AA);
  }

  void thin_outline(const Region& region, const cv::Scalar& color) {
    cv::polylines(canvas_, lines_of(region), true, color, std::max(1, width_ / 2), cv::LINE_AA);
  }

  void box(const Box& box, const cv::Scalar& color) {
    const cv::Rect r = rectangle(box);
    cv::rectangle(canvas_, r, kShadow, width_ + 2, cv::LINE_8);
    cv::rectangle(canvas_, r, color, width_, cv::LINE_8);
  }

  // The label on a plate above the box, or where it fits: inside the image, without covering earlier labels.
  void label(const Box& box, const std::string& label, const cv::Scalar& color, double relative_size = 1) {
    std::u32string text = renderer_.displayable(label);
    double size = relative_size * letter_size();
    TextRenderer::Extent extent = renderer_.measure(text, size);
    const int room = image_.width - 2 * padding();
    while (extent.width > room && size > kLeastLetters) {  // letters come in whole sizes
      size = std::max(kLeastLetters, size - 1);
      extent = renderer_.measure(text, size);
    }
    if (extent.width > room) extent = shorten(text, size, room);
    const cv::Size plate(extent.width + 2 * padding(), extent.height + extent.depth + 2 * padding());
    if (text.empty() || plate.height > canvas_.rows) return;
    const cv::Rect place = find_place(rectangle(box), plate);
    plates_.push_back(place);
    cv::rectangle(canvas_, place, color, cv::FILLED);
    cv::rectangle(canvas_, place, kShadow, 1);
    const auto ink = static_cast<std::uint8_t>(kShadow[0]);
    renderer_.draw(image_, text, size, place.x + padding(), place.y + padding() + extent.height,
                   {ink, ink, ink});
  }

 private:
  static constexpr double kLeastLetters = 8;  // pixels

  // Of capital letters: about 1.8 % of the long side, and never too small to read.
  double letter_size() const { return std::max(10.0, reach_ * 0.018); }

  std::vector<std::vector<cv::Point>> lines_of(const Region& region) const {
    std::vector<std::vector<cv::Point>> lines;
    for (const std::vector<PixelPoint>& line : outlines(region, scale_.across, scale_.down)) {
      lines.emplace_back();
      for (const PixelPoint& point : line) lines.back().emplace_back(point.x, point.y);
    }
    return lines;
  }

  // Truncates the text until it fits, with an ellipsis where there is room for it.
  TextRenderer::Extent shorten(std::u32string& text, double size, int room) const {
    TextRenderer::Extent extent = renderer_.measure(text, size);
    const std::u32string dots = U"...";
    std::u32string start = text;
    while (extent.width > room && !text.empty()) {
      const auto fits =
          start.size() * static_cast<std::size_t>(room) / static_cast<std::size_t>(extent.width);
      start.resize(start.empty() ? 0 : std::min(start.size() - 1, fits));
      text = start.empty() ? U"" : start + dots;
      extent = renderer_.measure(text, size);
    }
    return extent;
  }
  int padding() const { return width_ + 2; }

  cv::Rect rectangle(const Box& box) const {
    const auto x = [&](float v) {
      return static_cast<int>(std::lround(std::clamp(v * scale_.across, 0.0f, canvas_.cols - 1.0f)));
    };
    const auto y = [&](float v) {
      return static_cast<int>(std::lround(std::clamp(v * scale_.down, 0.0f, canvas_.rows - 1.0f)));
    };
    return {cv::Point(x(box.x0), y(box.y0)), cv::Point(x(box.x1) + 1, y(box.y1) + 1)};
  }

  cv::Rect find_place(const cv::Rect& box, const cv::Size& plate) const {
    const auto inside = [&](int x, int y) {
      return cv::Rect(
          {std::clamp(x, 0, canvas_.cols - plate.width), std::clamp(y, 0, canvas_.rows - plate.height)},
          plate);
    };
    const auto is_free = [&](const cv::Rect& r) {
      return std::none_of(plates_.begin(), plates_.end(),
                          [&](const cv::Rect& p) { return (p & r).area() > 0; });
    };
    const int above = box.y - plate.height, below = box.br().y;
    const cv::Rect first = above >= 0 ? inside(box.x, above) : inside(box.x, below);
    for (const cv::Rect& r :
         {first, inside(box.br().x - plate.width, above), inside(box.x, below), inside(box.x, box.y)}) {
      if (is_free(r)) return r;
    }
    for (int y = first.y; y + plate.height <= canvas_.rows; y += plate.height) {
      if (const cv::Rect r = inside(box.x, y); is_free(r)) return r;
    }
    return first;
  }

  Image& image_;
  cv::Mat canvas_;  // the same pixels
  const TextRenderer& renderer_;
  Enlargement scale_;
  int reach_;  // the long side that lines and letters are fit for: of a strip, four times its breadth
  int width_;  // of lines
  std::vector<cv::Rect> plates_;
};

Enlargement enlargement_of(const Image& image, int min_long_side) {
  constexpr int kLeastSide = 48;
  const auto times = [](int side, int least) { return std::max(1, (least + side - 1) / side); };
  const int both = times(std::max(image.width, image.height), min_long_side);
  return {std::max(both, times(image.width, kLeastSide)), std::max(both, times(image.height, kLeastSide))};
}

Image enlarged(const Image& image, Enlargement scale) {
  if (scale.across == 1 && scale.down == 1) return image;
  const int width = image.width * scale.across, height = image.height * scale.down;
  return {width, height,
          resize_opencv<std::uint8_t>(image.rgb, image.width, image.height, 3, width, height,
                                      Interpolation::kCubic)};
}

}  // namespace

Image draw_overlay(const Image& image, const FloatMap& heat, std::span<const OverlayRegion> regions,
                   const OverlayStyle& style) {
  AVLM_CHECK(!image.empty());
  const auto same_size = [&](const auto& map) {
    return map.width == image.width && map.height == image.height;
  };
  if (!heat.values.empty() && !same_size(heat)) {
    fail(ErrorKind::kBadInput, "a heat map of {} x {} does not fit an image of {} x {}", heat.width,
         heat.height, image.width, image.height);
  }
  const Enlargement scale = enlargement_of(image, style.min_long_side);
  Image canvas = enlarged(image, scale);
  if (!heat.values.empty()) {
    const bool same = canvas.width == heat.width && canvas.height == heat.height;
    blend_heat(canvas, same ? heat : resize_linear(heat, canvas.width, canvas.height), style);
  }
  const TextRenderer renderer(style.fonts);
  Pen pen(canvas, scale, renderer);
  const auto color = [&](std::size_t i) {
    return regions[i].muted ? kMuted : kColors[i % std::size(kColors)];
  };
  for (std::size_t i = regions.size(); i-- > 0;) {  // the first region, the most suspicious, ends up on top
    const OverlayRegion& region = regions[i];
    if (region.region != nullptr) {
      if (!lies_within(region.region->rect(), image.width, image.height))
        fail(ErrorKind::kBadInput, "a region does not lie within an image of {} x {}", image.width,
             image.height);
      if (region.muted)
        pen.thin_outline(*region.region, color(i));
      else
        pen.outline(*region.region, color(i));
    }
    if (!region.muted) pen.box(region.box, color(i));
  }
  pen.label({}, style.caption, kColors[0]);
  constexpr double kMutedLetters = 0.8;
  for (std::size_t i = 0; i < regions.size(); ++i)
    pen.label(regions[i].box, regions[i].label, color(i), regions[i].muted ? kMutedLetters : 1);
  return canvas;
}

}  // namespace anomalyvlm
