#include "eval/data/marks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "core/check.h"

namespace anomalyvlm::eval {
namespace {

Mask empty_mask(int width, int height) {
  return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height)};
}

// The pixels whose centres lie between the two; of a thinner interval the one that its middle lies in.
std::array<int, 2> covered(float from, float to, int size) {
  int first = static_cast<int>(std::ceil(from - 0.5f)), last = static_cast<int>(std::ceil(to - 0.5f));
  if (first >= last) first = static_cast<int>((from + to) / 2), last = first + 1;
  return {std::clamp(first, 0, size - 1), std::clamp(last, 1, size)};
}

void fill(Mask& mask, const Box& box) {
  const auto [left, right] = covered(box.x0, box.x1, mask.width);
  const auto [top, bottom] = covered(box.y0, box.y1, mask.height);
  for (int y = top; y < bottom; ++y) std::fill(&mask.at(left, y), &mask.at(right - 1, y) + 1, 1);
}

// The first pixel at or behind a coordinate, and none beyond the last.
int first_pixel(double from, int size) {
  return static_cast<int>(std::clamp(std::ceil(from), 0.0, size + 0.0));
}

// The pixels from the least to the largest of every second coordinate.
std::pair<int, int> pixel_range(const Polygon& outline, std::size_t first, int size) {
  double least = outline[first], most = least;
  for (std::size_t i = first; i < outline.size(); i += 2)
    least = std::min(least, outline[i]), most = std::max(most, outline[i]);
  return {first_pixel(least, size), first_pixel(most, size)};
}

// Where the outline crosses a row, what is right of it changes sides. An edge has its upper end and not its
// lower one, so that every row is crossed an even number of times. Gives whether any pixel lies inside.
bool fill_inside(Mask& mask, const Polygon& outline) {
  const auto [left, right] = pixel_range(outline, 0, mask.width);
  const auto [top, bottom] = pixel_range(outline, 1, mask.height);
  const std::size_t width = static_cast<std::size_t>(right - left) + 1;
  std::vector<std::uint8_t> changes(width * static_cast<std::size_t>(bottom - top));
  for (std::size_t i = 0; i < outline.size(); i += 2) {
    const std::size_t j = (i + 2) % outline.size();
    const double x = outline[i], y = outline[i + 1], slope = (outline[j] - x) / (outline[j + 1] - y);
    const int first = first_pixel(std::min(y, outline[j + 1]), mask.height);
    const int last = first_pixel(std::max(y, outline[j + 1]), mask.height);
    for (int row = first; row < last; ++row) {
      const int column = std::clamp(first_pixel(x + slope * (row - y), mask.width), left, right);
      changes[static_cast<std::size_t>(row - top) * width + static_cast<std::size_t>(column - left)] ^= 1;
    }
  }
  bool any = false;
  for (int row = top; row < bottom; ++row) {
    bool inside = false;
    for (int x = left; x < right; ++x) {
      inside ^=
          changes[static_cast<std::size_t>(row - top) * width + static_cast<std::size_t>(x - left)] != 0;
      if (inside) mask.at(x, row) = 1, any = true;
    }
  }
  return any;
}

void add(Mask& mask, const Mask& more) {
  for (std::size_t i = 0; i < mask.values.size(); ++i) mask.values[i] |= more.values[i];
}

// The pixels that the outline itself runs through.
void trace(Mask& mask, const Polygon& outline) {
  const auto on_image = [](double value, int size) { return std::clamp(value, 0.0, size - 1.0); };
  for (std::size_t i = 0; i < outline.size(); i += 2) {
    const std::size_t j = (i + 2) % outline.size();
    const double x = on_image(outline[i], mask.width), y = on_image(outline[i + 1], mask.height);
    const double dx = on_image(outline[j], mask.width) - x, dy = on_image(outline[j + 1], mask.height) - y;
    const double steps = std::ceil(std::max({std::abs(dx), std::abs(dy), 1.0}));
    for (double t = 0; t <= steps; ++t)
      mask.at(static_cast<int>(std::lround(x + dx * t / steps)),
              static_cast<int>(std::lround(y + dy * t / steps))) = 1;
  }
}

void fill(Mask& mask, const Polygon& outline) {
  if (!fill_inside(mask, outline)) trace(mask, outline);
}

}  // namespace

Mask covered_by(const std::vector<Mark>& marks, int width, int height, const std::string& where) {
  Mask mask = empty_mask(width, height);
  for (const Mark& mark : marks) {
    if (!mark.runs.counts.empty()) {
      if (mark.runs.width != width || mark.runs.height != height)
        fail(ErrorKind::kBadInput, "{} has run lengths of {} x {} pixels, but it has {} x {}.", where,
             mark.runs.width, mark.runs.height, width, height);
      add(mask, decode_rle(mark.runs));
    } else if (mark.outlines.empty()) {
      fill(mask, mark.box);
    }
    for (const Polygon& outline : mark.outlines) fill(mask, outline);
  }
  return mask;
}

Box clipped(const Box& box, int width, int height) {
  const auto w = static_cast<float>(width), h = static_cast<float>(height);
  return {std::clamp(box.x0, 0.0f, w), std::clamp(box.y0, 0.0f, h), std::clamp(box.x1, 0.0f, w),
          std::clamp(box.y1, 0.0f, h)};
}

Mask upright(const Mask& mask, int orientation) {
  if (orientation < 2 || orientation > 8) return mask;
  const bool across = orientation >= 5;  // rows become columns
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Mask turned = across ? empty_mask(mask.height, mask.width) : empty_mask(mask.width, mask.height);
  for (int y = 0; y < turned.height; ++y) {
    for (int x = 0; x < turned.width; ++x) {
      const int column = across ? y : x, row = across ? x : y;
      turned.at(x, y) =
          mask.at(from_right ? mask.width - 1 - column : column, from_bottom ? mask.height - 1 - row : row);
    }
  }
  return turned;
}

Box upright(const Box& box, int orientation, int width, int height) {
  const auto w = static_cast<float>(width), h = static_cast<float>(height);
  Box turned = box;
  if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8)
    turned.x0 = w - box.x1, turned.x1 = w - box.x0;
  if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7)
    turned.y0 = h - box.y1, turned.y1 = h - box.y0;
  if (orientation >= 5 && orientation <= 8) return {turned.y0, turned.x0, turned.y1, turned.x1};
  return turned;
}

}  // namespace anomalyvlm::eval
