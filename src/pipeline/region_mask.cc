#include "pipeline/region_mask.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "core/platform.h"
#include "pipeline/consistent.h"

namespace anomalyvlm {
namespace {

constexpr float kHalf = 0.5F;

// Cut to where values are above 0; as it is when nothing can be cut.
RegionMask trimmed(RegionMask mask) {
  int left = mask.width, right = 0, top = mask.height, bottom = 0;
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      if (!(mask.at(x, y) > 0)) continue;
      left = std::min(left, x);
      right = std::max(right, x + 1);
      top = std::min(top, y);
      bottom = y + 1;
    }
  }
  if (bottom == 0) return {mask.x0, mask.y0, 0, 0, {}};
  if (left == 0 && top == 0 && right == mask.width && bottom == mask.height) return mask;
  RegionMask cut{mask.x0 + left, mask.y0 + top, right - left, bottom - top, {}};
  cut.values.reserve(static_cast<std::size_t>(cut.width) * static_cast<std::size_t>(cut.height));
  for (int y = top; y < bottom; ++y) {
    const float* row = mask.values.data() + static_cast<std::size_t>(y) * mask.width;
    cut.values.insert(cut.values.end(), row + left, row + right);
  }
  return cut;
}

// Along one axis: where each pixel of an image lies between the cells of a grid.
struct Axis {
  struct Sample {
    int low, high;  // cells; the same at the border of the grid
    float share;    // of `high`
  };
  int first = 0;  // first pixel that sees cells [begin, end)
  std::vector<Sample> samples;

  Axis(int begin, int end, int cells, int pixels) {
    const double step = static_cast<double>(cells) / pixels;
    for (int p = 0; p < pixels; ++p) {
      const double at = std::clamp((p + 0.5) * step - 0.5, 0.0, cells - 1.0);
      const int low = static_cast<int>(at), high = std::min(low + 1, cells - 1);
      if (high < begin || low >= end) continue;
      if (samples.empty()) first = p;
      samples.push_back({low, high, static_cast<float>(at - low)});
    }
  }
};

}  // namespace

Mask to_mask(const RegionMask& region, int image_width, int image_height, float threshold) {
  if (image_width < 0 || image_height < 0 || !lies_within(region, image_width, image_height))
    fail(ErrorKind::kBadInput,
         "A region of {} x {} pixels from ({}, {}) on, with {} values, does not lie within {} x {} pixels.",
         region.width, region.height, region.x0, region.y0, region.values.size(), image_width, image_height);
  Mask mask{image_width, image_height, {}};
  const std::size_t pixels = static_cast<std::size_t>(image_width) * static_cast<std::size_t>(image_height);
  if (pixels > 0 && !can_allocate(pixels))
    fail(ErrorKind::kBadInput, "There is not enough memory for a mask of {} x {} pixels.", image_width,
         image_height);
  mask.values.resize(pixels);
  for (int y = 0; y < region.height; ++y) {
    for (int x = 0; x < region.width; ++x)
      mask.at(region.x0 + x, region.y0 + y) = region.at(x, y) > threshold ? 1 : 0;
  }
  return mask;
}

RegionMask to_region(const FloatMap& map) { return trimmed({0, 0, map.width, map.height, map.values}); }

RegionMask to_region(MaskView mask) {
  const MaskView cut = tight(mask);
  RegionMask region{cut.x0, cut.y0, cut.width, cut.height, {}};
  for (int y = 0; y < cut.height; ++y) {
    for (int x = 0; x < cut.width; ++x) region.values.push_back(cut.row(y)[x] != 0 ? 1.0F : 0.0F);
  }
  return region;
}

std::optional<Box> box_of(const RegionMask& mask) {
  const BinaryRegion region(mask);
  const MaskView cut = tight(region.view());
  if (cut.empty()) return std::nullopt;
  return Box{static_cast<float>(cut.x0), static_cast<float>(cut.y0), static_cast<float>(cut.x0 + cut.width),
             static_cast<float>(cut.y0 + cut.height)};
}

RegionMask binarised(const RegionMask& mask) {
  RegionMask binary = mask;
  for (float& value : binary.values) value = value > kHalf ? 1.0F : 0.0F;
  return trimmed(std::move(binary));
}

RegionMask scaled(const RegionMask& mask, int from_width, int from_height, int width, int height) {
  AVLM_CHECK(lies_within(mask, from_width, from_height));
  if (mask.empty() || (from_width == width && from_height == height)) return mask;
  const Axis columns(mask.x0, mask.x0 + mask.width, from_width, width);
  const Axis rows(mask.y0, mask.y0 + mask.height, from_height, height);
  RegionMask out{columns.first,
                 rows.first,
                 static_cast<int>(columns.samples.size()),
                 static_cast<int>(rows.samples.size()),
                 {}};
  out.values.reserve(columns.samples.size() * rows.samples.size());
  const auto cell = [&](int x, int y) {
    x -= mask.x0;
    y -= mask.y0;
    return x < 0 || y < 0 || x >= mask.width || y >= mask.height ? 0.0F : mask.at(x, y);
  };
  for (const auto& [top, bottom, down] : rows.samples) {
    for (const auto& [left, right, across] : columns.samples) {
      const float above = cell(left, top) + across * (cell(right, top) - cell(left, top));
      const float below = cell(left, bottom) + across * (cell(right, bottom) - cell(left, bottom));
      out.values.push_back(above + down * (below - above));
    }
  }
  return trimmed(std::move(out));
}

BinaryRegion::BinaryRegion(const RegionMask& mask)
    : x0_(mask.x0), y0_(mask.y0), width_(mask.width), height_(mask.height) {
  values_.reserve(mask.values.size());
  for (const float value : mask.values) values_.push_back(value > kHalf ? 1 : 0);
}

double mean_inside(const FloatMap& map, const RegionMask& mask) {
  AVLM_CHECK(lies_within(mask, map.width, map.height));
  double sum = 0, weight = 0;
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      const double share = mask.at(x, y);
      sum += share * static_cast<double>(map.at(mask.x0 + x, mask.y0 + y));
      weight += share;
    }
  }
  return weight > 0 ? sum / weight : 0;
}

FloatMap soft_maximum(std::span<const ScoredRegion> regions, int width, int height) {
  FloatMap map{width, height, {}};
  map.values.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (const auto& [mask, score] : regions) {
    AVLM_CHECK(lies_within(*mask, width, height));
    for (int y = 0; y < mask->height; ++y) {
      for (int x = 0; x < mask->width; ++x) {
        float& value = map.at(mask->x0 + x, mask->y0 + y);
        value = std::max(value, static_cast<float>(score * static_cast<double>(mask->at(x, y))));
      }
    }
  }
  return map;
}

}  // namespace anomalyvlm
