#include "regions/combine.h"

#include <algorithm>
#include <numeric>

#include "core/check.h"
#include "regions/geometry.h"

namespace anomalyvlm {
namespace {

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
  int last() const { return first + static_cast<int>(samples.size()); }
};

struct Extents {
  PixelRect rect;
  bool binary = true;
};

Extents extents_of(std::span<const Region* const> regions) {
  Extents all;
  for (const Region* region : regions) {
    all.rect = around(all.rect, region->rect());
    all.binary = all.binary && region->is_binary();
  }
  return all;
}

std::size_t pixels_of(const PixelRect& rect) {
  return rect.empty() ? 0 : static_cast<std::size_t>(rect.width()) * static_cast<std::size_t>(rect.height());
}

}  // namespace

Region scaled(const Region& region, int from_width, int from_height, int width, int height) {
  AVLM_CHECK(lies_within(region.rect(), from_width, from_height));
  if (region.empty() || (from_width == width && from_height == height)) return region;
  const PixelRect& rect = region.rect();
  const Axis columns(rect.x0, rect.x1, from_width, width), rows(rect.y0, rect.y1, from_height, height);
  std::vector<float> values;
  values.reserve(columns.samples.size() * rows.samples.size());
  const auto cell = [&](int x, int y) { return region.value(x, y); };
  for (const auto& [top, bottom, down] : rows.samples) {
    for (const auto& [left, right, across] : columns.samples) {
      const float above = cell(left, top) + across * (cell(right, top) - cell(left, top));
      const float below = cell(left, bottom) + across * (cell(right, bottom) - cell(left, bottom));
      values.push_back(above + down * (below - above));
    }
  }
  return Region::soft({columns.first, rows.first, columns.last(), rows.last()}, std::move(values));
}

Region joined(std::span<const Region* const> regions) {
  const Extents extents = extents_of(regions);
  const PixelRect& rect = extents.rect;
  const auto width = static_cast<std::size_t>(rect.empty() ? 0 : rect.width());
  const auto place = [&](int x, int y) {
    return static_cast<std::size_t>(y - rect.y0) * width + static_cast<std::size_t>(x - rect.x0);
  };
  if (extents.binary) {
    std::vector<std::uint8_t> values(pixels_of(rect));
    for (const Region* region : regions)
      region->for_each_run([&](int y, int begin, int end) {
        std::fill(values.data() + place(begin, y), values.data() + place(end - 1, y) + 1, std::uint8_t{1});
      });
    return Region::binary(rect, values);
  }
  std::vector<float> values(pixels_of(rect));
  for (const Region* region : regions)
    region->for_each_value([&](int x, int y, float value) {
      float& largest = values[place(x, y)];
      largest = std::max(largest, value);
    });
  return Region::soft(rect, std::move(values));
}

std::size_t joined_bytes(std::span<const Region* const> regions) {
  const auto [rect, binary] = extents_of(regions);
  return binary ? (pixels_of(rect) + 7) / 8 : pixels_of(rect) * sizeof(float);
}

double overlap(const Region& a, const Region& b) {
  std::int64_t both = 0;
  const PixelRect common = intersection(a.rect(), b.rect());
  if (!common.empty())
    a.for_each_run([&](int y, int begin, int end) {
      if (y < common.y0 || y >= common.y1) return;
      for (int x = std::max(begin, common.x0); x < std::min(end, common.x1); ++x) both += b.is_inside(x, y);
    });
  const std::int64_t either = a.area() + b.area() - both;
  return either == 0 ? 0 : static_cast<double>(both) / static_cast<double>(either);
}

double mean_inside(const FloatMap& map, const Region& region) {
  AVLM_CHECK(lies_within(region.rect(), map.width, map.height));
  double sum = 0, weight = 0;
  region.for_each_value([&](int x, int y, float value) {
    sum += static_cast<double>(value) * static_cast<double>(map.at(x, y));
    weight += static_cast<double>(value);
  });
  return weight > 0 ? sum / weight : 0;
}

FloatMap soft_maximum(std::span<const ScoredRegion> regions, int width, int height) {
  FloatMap map{width, height, {}};
  map.values.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (const ScoredRegion& scored : regions) {
    AVLM_CHECK(lies_within(scored.region->rect(), width, height));
    scored.region->for_each_value([&](int x, int y, float value) {
      float& largest = map.at(x, y);
      largest = std::max(largest, static_cast<float>(scored.score * static_cast<double>(value)));
    });
  }
  return map;
}

std::vector<bool> most_confident_that_fit(std::span<const double> confidence,
                                          std::span<const std::size_t> bytes, std::size_t memory) {
  AVLM_CHECK(confidence.size() == bytes.size());
  std::vector<std::size_t> order(bytes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return confidence[i] > confidence[j]; });
  std::vector<bool> stays(bytes.size(), false);
  for (const std::size_t i : order) {
    if (bytes[i] > memory) continue;
    memory -= bytes[i];
    stays[i] = true;
  }
  return stays;
}

}  // namespace anomalyvlm
