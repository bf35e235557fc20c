#pragma once
// A region of an image: a mask, cropped to the rectangle outside of which it is 0.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "anomalyvlm/export.h"
#include "anomalyvlm/image.h"

namespace anomalyvlm {

// Pixels [x0, x1) x [y0, y1) of an image.
struct PixelRect {
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;

  int width() const { return x1 - x0; }
  int height() const { return y1 - y0; }
  bool empty() const { return x1 <= x0 || y1 <= y0; }
  bool operator==(const PixelRect&) const = default;
};

ANOMALYVLM_API PixelRect intersection(const PixelRect& a, const PixelRect& b);  // may be empty()
ANOMALYVLM_API PixelRect around(const PixelRect& a, const PixelRect& b);  // the smallest that holds both
ANOMALYVLM_API Box to_box(const PixelRect& rect);

// A mask of part of an image. Binary regions (profiles `paper` and `saa-plus`) hold a bit per pixel, soft
// ones a float between 0 and 1. Pixels whose value is above one half are *inside*. Coordinates are pixels of
// the image. Copies are cheap: they share their values, which never change. Const functions may be called
// from several threads.
class ANOMALYVLM_API Region {
 public:
  Region() = default;  // empty

  // `values` are those of the rectangle, row by row; it is cut to where they are above 0. Throws
  // Error(kBadInput) where their number is not that of the rectangle's pixels, and for negative values and
  // those that are not finite.
  static Region soft(const PixelRect& rect, std::vector<float> values);
  // The same, but every value other than 0 counts as 1.
  static Region binary(const PixelRect& rect, std::span<const std::uint8_t> values);
  static Region binary(const Mask& mask);
  // Binary: where the values of a map, width * height of them, are above `threshold`.
  static Region above(std::span<const float> values, int width, int height, float threshold);

  bool empty() const { return rect_.empty(); }  // no value is above 0
  bool is_binary() const { return soft_ == nullptr; }
  const PixelRect& rect() const { return rect_; }
  bool operator==(const Region& other) const;
  float value(int x, int y) const;  // 0 outside the rectangle
  bool is_inside(int x, int y) const { return value(x, y) > kInside; }
  std::span<const float> soft_values() const;  // of the rectangle; of binary regions none

  std::int64_t area() const;  // pixels that are inside
  PixelRect bounds() const;   // around them; empty() without such pixels
  std::size_t bytes() const;  // of memory that it takes

  Region binarised() const;  // what is inside, as a binary region
  void move(int right, int down);

  // Calls visit(y, x0, x1) for each run of pixels that are inside: row y, from x0 to before x1; top to
  // bottom, left to right.
  template <typename Visit>
  void for_each_run(Visit&& visit) const {
    for (int y = rect_.y0; y < rect_.y1; ++y) {
      for (int begin = next(y, rect_.x0, true); begin < rect_.x1;) {
        const int end = next(y, begin, false);
        visit(y, begin, end);
        begin = next(y, end, true);
      }
    }
  }

  // Calls visit(x, y, value) for each value above 0, row by row.
  template <typename Visit>
  void for_each_value(Visit&& visit) const {
    if (is_binary())
      return for_each_run([&](int y, int begin, int end) {
        for (int x = begin; x < end; ++x) visit(x, y, 1.0F);
      });
    const float* value = soft_->data();
    for (int y = rect_.y0; y < rect_.y1; ++y)
      for (int x = rect_.x0; x < rect_.x1; ++x, ++value)
        if (*value > 0) visit(x, y, *value);
  }

 private:
  static constexpr float kInside = 0.5F;

  template <typename IsSet>
  static Region packed(const PixelRect& rect, const IsSet& is_set);
  std::size_t words_per_row() const { return (static_cast<std::size_t>(rect_.width()) + 63) / 64; }
  // The first pixel of a row from x on that is inside, or is not; rect_.x1 without such.
  int next(int y, int x, bool inside) const;

  PixelRect rect_;
  // At most one of them; rows of bits are whole words, the lowest bit first.
  std::shared_ptr<const std::vector<std::uint64_t>> bits_;
  std::shared_ptr<const std::vector<float>> soft_;
};

// The mask of a whole image of that size: 1 where the region's value is above `threshold`. Throws
// Error(kBadInput) for a region that does not lie within it, Error(kNoMemory) where there is not enough
// memory.
ANOMALYVLM_API Mask to_mask(const Region& region, int image_width, int image_height, float threshold = 0.5F);

}  // namespace anomalyvlm
