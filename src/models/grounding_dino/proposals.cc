#include "models/grounding_dino/proposals.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace anomalyvlm::grounding_dino {
namespace {

constexpr float kFinestSide = 0.05F;  // of the image
constexpr float kLowest = 0.01F, kHighest = 0.99F;

using Numbers = std::array<float, 4>;

// Compared in float32, as the authors do: of 50 columns the last center equals kHighest.
bool within_limits(const Numbers& box) {
  return std::all_of(box.begin(), box.end(), [](float v) { return v > kLowest && v < kHighest; });
}

// Numbers compare as they are, but what is none is below all others.
float comparable(float score) { return std::isnan(score) ? -std::numeric_limits<float>::infinity() : score; }

}  // namespace

Anchors make_anchors(const Levels& levels) {
  std::vector<float> boxes, valid;
  for_each_place(levels, [&](std::size_t image, std::size_t map, std::int64_t y, std::int64_t x) {
    const Extent& extent = levels.valid[image][map];
    const float side = std::ldexp(kFinestSide, static_cast<int>(map));
    const Numbers box = {(static_cast<float>(x) + 0.5F) / static_cast<float>(extent.width),
                         (static_cast<float>(y) + 0.5F) / static_cast<float>(extent.height), side, side};
    const bool fine = levels.belongs(image, map, y, x) && within_limits(box);
    valid.push_back(fine ? 1.0F : 0.0F);
    for (const float v : box)
      boxes.push_back(fine ? std::log(v / (1 - v)) : std::numeric_limits<float>::infinity());
  });
  return {Tensor::from<float>({levels.images(), levels.places(), 4}, std::move(boxes)),
          Tensor::from<float>({levels.images(), levels.places()}, std::move(valid))};
}

std::vector<std::vector<std::int64_t>> select_best(const Tensor& scores, std::int64_t count) {
  std::vector<std::vector<std::int64_t>> all;
  for (std::int64_t b = 0; b < scores.dim(0); ++b) {
    const float* row = scores.floats().data() + b * scores.dim(1);
    std::vector<std::int64_t> order(static_cast<std::size_t>(scores.dim(1)));
    std::iota(order.begin(), order.end(), 0);
    const auto better = [&](std::int64_t i, std::int64_t j) {
      const float a = comparable(row[i]), c = comparable(row[j]);
      return a > c || (a == c && i < j);
    };
    const auto end = order.begin() + std::min(count, scores.dim(1));
    std::partial_sort(order.begin(), end, order.end(), better);
    all.emplace_back(order.begin(), end);
  }
  return all;
}

Tensor take_rows(const Tensor& x, const std::vector<std::vector<std::int64_t>>& selected) {
  const std::int64_t width = x.dim(2);
  std::vector<float> values;
  for (std::size_t b = 0; b < selected.size(); ++b) {
    const std::size_t item = x.dim(0) == 1 ? 0 : b;
    const float* from = x.floats().data() + static_cast<std::int64_t>(item) * x.dim(1) * width;
    for (const std::int64_t row : selected[b])
      values.insert(values.end(), from + row * width, from + (row + 1) * width);
  }
  return Tensor::from<float>(
      {static_cast<std::int64_t>(selected.size()), static_cast<std::int64_t>(selected.at(0).size()), width},
      std::move(values));
}

Selection select_proposals(const Levels& levels, const Tensor& memory, const Tensor& scores,
                           std::int64_t count) {
  const Anchors anchors = make_anchors(levels);
  Selection selection;
  selection.places = select_best(scores, count);
  selection.memory = take_rows(memory, selection.places);
  selection.anchors = take_rows(anchors.boxes, selection.places);
  const Tensor valid =
      take_rows(anchors.valid.reshaped({levels.images(), levels.places(), 1}), selection.places);
  const auto channels = static_cast<std::size_t>(memory.dim(2));
  float* row = selection.memory.mutable_floats().data();
  for (std::size_t i = 0; i < valid.floats().size(); ++i, row += channels)
    if (valid.floats()[i] == 0) std::fill_n(row, channels, 0.0F);
  return selection;
}

}  // namespace anomalyvlm::grounding_dino
