#include "models/grounding_dino/levels.h"

#include <algorithm>

namespace anomalyvlm::grounding_dino {
namespace {

// How many of the places along an axis are not padding: those before the first that is.
std::int64_t valid_places(std::int64_t places, std::int64_t input, std::int64_t image) {
  const float ratio = static_cast<float>(input) / static_cast<float>(places);
  std::int64_t count = 0;
  while (count < places && static_cast<std::int64_t>(static_cast<float>(count) * ratio) < image) ++count;
  return count;
}

float share(std::int64_t part, std::int64_t whole) {
  return static_cast<float>(part) / static_cast<float>(whole);
}

}  // namespace

std::int64_t Levels::places() const {
  std::int64_t total = 0;
  for (const Extent& map : maps) total += map.places();
  return total;
}

bool Levels::padded() const {
  return std::any_of(valid.begin(), valid.end(), [&](const auto& extents) { return extents != maps; });
}

Levels make_levels(std::vector<Extent> maps, Extent input, const std::vector<Extent>& images) {
  Levels levels;
  for (const Extent& image : images) {
    AVLM_CHECK(image.height >= 1 && image.width >= 1 && image.height <= input.height &&
               image.width <= input.width);
    std::vector<Extent>& valid = levels.valid.emplace_back();
    for (const Extent& map : maps)
      valid.push_back({valid_places(map.height, input.height, image.height),
                       valid_places(map.width, input.width, image.width)});
  }
  levels.maps = std::move(maps);
  return levels;
}

Tensor padding(const Levels& levels) {
  std::vector<float> values;
  for_each_place(levels, [&](std::size_t image, std::size_t map, std::int64_t y, std::int64_t x) {
    values.push_back(levels.belongs(image, map, y, x) ? 0.0F : 1.0F);
  });
  return Tensor::from<float>({levels.images(), levels.places()}, std::move(values));
}

Tensor valid_ratios(const Levels& levels) {
  std::vector<float> values;
  for (const std::vector<Extent>& valid : levels.valid) {
    for (std::size_t map = 0; map < valid.size(); ++map) {
      values.push_back(share(valid[map].width, levels.maps[map].width));
      values.push_back(share(valid[map].height, levels.maps[map].height));
    }
  }
  return Tensor::from<float>({levels.images(), static_cast<std::int64_t>(levels.maps.size()), 2},
                             std::move(values));
}

Tensor centres(const Levels& levels) {
  const Tensor ratios = valid_ratios(levels);
  const auto maps = levels.maps.size();
  std::vector<float> values;
  for_each_place(levels, [&](std::size_t image, std::size_t map, std::int64_t y, std::int64_t x) {
    // Divided by the map's own ratio, then multiplied by each map's, as the authors do it.
    const float* of_image = ratios.floats().data() + image * maps * 2;
    const Extent& extent = levels.maps[map];
    const float in_x =
        (static_cast<float>(x) + 0.5F) / (of_image[2 * map] * static_cast<float>(extent.width));
    const float in_y =
        (static_cast<float>(y) + 0.5F) / (of_image[2 * map + 1] * static_cast<float>(extent.height));
    for (std::size_t other = 0; other < maps; ++other) {
      values.push_back(in_x * of_image[2 * other]);
      values.push_back(in_y * of_image[2 * other + 1]);
    }
  });
  return Tensor::from<float>({levels.images(), levels.places(), static_cast<std::int64_t>(maps), 2},
                             std::move(values));
}

}  // namespace anomalyvlm::grounding_dino
