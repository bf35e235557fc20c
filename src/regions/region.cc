#include "anomalyvlm/region.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/check.h"
#include "core/platform.h"
#include "regions/geometry.h"

namespace anomalyvlm {
namespace {

constexpr int kWordBits = 64;

// Bounds of what is set within a rectangle, in its own coordinates.
template <typename IsSet>
PixelRect bounds_of(int width, int height, const IsSet& is_set) {
  PixelRect found{width, height, 0, 0};
  for (int y = 0; y < height; ++y) {
    int first = 0, last = width;
    while (first < last && !is_set(first, y)) ++first;
    if (first == last) continue;
    while (!is_set(last - 1, y)) --last;
    found = {std::min(found.x0, first), std::min(found.y0, y), std::max(found.x1, last), y + 1};
  }
  return found.empty() ? PixelRect{} : found;
}

PixelRect moved(const PixelRect& r, int right, int down) {
  return {r.x0 + right, r.y0 + down, r.x1 + right, r.y1 + down};
}

void require_values(const PixelRect& rect, std::size_t count) {
  constexpr int kFarthest = 1 << 30;  // so that widths and sums of coordinates are exact
  const bool usual = std::min({rect.x0, rect.y0, rect.x1, rect.y1}) >= -kFarthest &&
                     std::max({rect.x0, rect.y0, rect.x1, rect.y1}) <= kFarthest;
  const std::size_t pixels = !usual || rect.empty() ? 0
                                                    : static_cast<std::size_t>(rect.width()) *
                                                          static_cast<std::size_t>(rect.height());
  if (!usual || pixels != count)
    fail(ErrorKind::kBadInput, "A region from ({}, {}) to ({}, {}) cannot have {} values.", rect.x0, rect.y0,
         rect.x1, rect.y1, count);
}

}  // namespace

PixelRect intersection(const PixelRect& a, const PixelRect& b) {
  return {std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)};
}

PixelRect around(const PixelRect& a, const PixelRect& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {std::min(a.x0, b.x0), std::min(a.y0, b.y0), std::max(a.x1, b.x1), std::max(a.y1, b.y1)};
}

Box to_box(const PixelRect& r) {
  return {static_cast<float>(r.x0), static_cast<float>(r.y0), static_cast<float>(r.x1),
          static_cast<float>(r.y1)};
}

bool lies_within(const PixelRect& rect, int width, int height) {
  return rect.empty() || (rect.x0 >= 0 && rect.y0 >= 0 && rect.x1 <= width && rect.y1 <= height);
}

// `is_set`: of coordinates from the rectangle's corner on.
template <typename IsSet>
Region Region::packed(const PixelRect& rect, const IsSet& is_set) {
  const PixelRect own = bounds_of(rect.width(), rect.height(), is_set);
  Region region;
  if (own.empty()) return region;
  region.rect_ = moved(own, rect.x0, rect.y0);
  const std::size_t words = region.words_per_row();
  const auto bits =
      std::make_shared<std::vector<std::uint64_t>>(words * static_cast<std::size_t>(own.height()));
  std::uint64_t* row = bits->data();
  for (int y = own.y0; y < own.y1; ++y, row += words)
    for (int x = own.x0; x < own.x1; ++x)
      if (is_set(x, y)) row[(x - own.x0) / kWordBits] |= std::uint64_t{1} << ((x - own.x0) % kWordBits);
  region.bits_ = bits;
  return region;
}

Region Region::soft(const PixelRect& rect, std::vector<float> values) {
  require_values(rect, values.size());
  if (!std::all_of(values.begin(), values.end(), [](float v) { return v >= 0 && std::isfinite(v); }))
    fail(ErrorKind::kBadInput, "A region has values that are negative or not finite.");
  const auto width = static_cast<std::size_t>(rect.empty() ? 0 : rect.width());
  const PixelRect own = bounds_of(static_cast<int>(width), rect.empty() ? 0 : rect.height(),
                                  [&](int x, int y) { return values[y * width + x] > 0; });
  Region region;
  if (own.empty()) return region;
  region.rect_ = moved(own, rect.x0, rect.y0);
  if (region.rect_ == rect) {
    region.soft_ = std::make_shared<const std::vector<float>>(std::move(values));
    return region;
  }
  std::vector<float> cut;
  cut.reserve(static_cast<std::size_t>(own.width()) * static_cast<std::size_t>(own.height()));
  for (int y = own.y0; y < own.y1; ++y) {
    const float* row = values.data() + static_cast<std::size_t>(y) * width;
    cut.insert(cut.end(), row + own.x0, row + own.x1);
  }
  region.soft_ = std::make_shared<const std::vector<float>>(std::move(cut));
  return region;
}

Region Region::binary(const PixelRect& rect, std::span<const std::uint8_t> values) {
  require_values(rect, values.size());
  if (rect.empty()) return {};
  const auto width = static_cast<std::size_t>(rect.width());
  return packed(rect, [&](int x, int y) { return values[y * width + x] != 0; });
}

Region Region::binary(const Mask& mask) { return binary({0, 0, mask.width, mask.height}, mask.values); }

Region Region::above(std::span<const float> values, int width, int height, float threshold) {
  require_values({0, 0, width, height}, values.size());
  const auto columns = static_cast<std::size_t>(std::max(width, 0));
  return packed({0, 0, width, height}, [&](int x, int y) { return values[y * columns + x] > threshold; });
}

bool Region::operator==(const Region& other) const {
  if (rect_ != other.rect_ || is_binary() != other.is_binary()) return false;
  return empty() || (is_binary() ? *bits_ == *other.bits_ : *soft_ == *other.soft_);
}

std::span<const float> Region::soft_values() const {
  return soft_ ? std::span<const float>(*soft_) : std::span<const float>();
}

float Region::value(int x, int y) const {
  if (x < rect_.x0 || x >= rect_.x1 || y < rect_.y0 || y >= rect_.y1) return 0;
  const auto row = static_cast<std::size_t>(y - rect_.y0), column = static_cast<std::size_t>(x - rect_.x0);
  if (!is_binary()) return (*soft_)[row * static_cast<std::size_t>(rect_.width()) + column];
  const std::uint64_t word = (*bits_)[row * words_per_row() + column / kWordBits];
  return (word >> (column % kWordBits) & 1) != 0 ? 1.0F : 0.0F;
}

int Region::next(int y, int x, bool inside) const {
  const auto row = static_cast<std::size_t>(y - rect_.y0);
  if (!is_binary()) {
    const float* values = soft_->data() + row * static_cast<std::size_t>(rect_.width());
    while (x < rect_.x1 && (values[x - rect_.x0] > kInside) != inside) ++x;
    return x;
  }
  const std::uint64_t* words = bits_->data() + row * words_per_row();
  while (x < rect_.x1) {
    const int column = x - rect_.x0, bit = column % kWordBits;
    const std::uint64_t word = words[column / kWordBits], wanted = (inside ? word : ~word) >> bit;
    if (wanted != 0) return std::min(rect_.x1, x + std::countr_zero(wanted));
    x += kWordBits - bit;
  }
  return rect_.x1;
}

std::int64_t Region::area() const {
  if (empty()) return 0;
  if (!is_binary()) return std::count_if(soft_->begin(), soft_->end(), [](float v) { return v > kInside; });
  std::int64_t pixels = 0;
  for (const std::uint64_t word : *bits_) pixels += std::popcount(word);
  return pixels;
}

PixelRect Region::bounds() const {
  if (is_binary()) return rect_;
  PixelRect found;
  for_each_run([&](int y, int begin, int end) { found = around(found, {begin, y, end, y + 1}); });
  return found;
}

std::size_t Region::bytes() const {
  if (empty()) return 0;
  return is_binary() ? bits_->size() * sizeof(std::uint64_t) : soft_->size() * sizeof(float);
}

Region Region::binarised() const {
  if (is_binary()) return *this;
  const auto width = static_cast<std::size_t>(rect_.width());
  return packed(rect_, [&](int x, int y) { return (*soft_)[y * width + x] > kInside; });
}

void Region::move(int right, int down) {
  if (!empty()) rect_ = moved(rect_, right, down);
}

Mask to_mask(const Region& region, int image_width, int image_height, float threshold) {
  if (image_width < 0 || image_height < 0 || !lies_within(region.rect(), image_width, image_height))
    fail(ErrorKind::kBadInput, "A region from ({}, {}) to ({}, {}) does not lie within {} x {} pixels.",
         region.rect().x0, region.rect().y0, region.rect().x1, region.rect().y1, image_width, image_height);
  Mask mask{image_width, image_height, {}};
  const std::size_t pixels = static_cast<std::size_t>(image_width) * static_cast<std::size_t>(image_height);
  if (pixels > 0 && !can_allocate(pixels))
    fail(ErrorKind::kNoMemory, "There is not enough memory for a mask of {} x {} pixels.", image_width,
         image_height);
  mask.values.resize(pixels);
  region.for_each_value([&](int x, int y, float value) { mask.at(x, y) = value > threshold ? 1 : 0; });
  return mask;
}

}  // namespace anomalyvlm
