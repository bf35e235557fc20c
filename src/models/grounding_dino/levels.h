#pragma once
// The feature pyramid of Grounding DINO, finest map first, and which of its locations belong to an image.
// Images of one batch may differ in size: each lies at the top left, the rest is padding.
#include <vector>

#include "core/extent.h"
#include "core/tensor.h"

namespace anomalyvlm::grounding_dino {

struct Levels {
  std::vector<Extent> maps;
  std::vector<std::vector<Extent>> valid;  // of each image and map, the rows and columns that are no padding

  std::int64_t images() const { return static_cast<std::int64_t>(valid.size()); }
  std::int64_t places() const;  // of all maps together: "tokens" of the image
  bool padded() const;          // whether any image has padding
  // Whether the place (y, x) of a map belongs to the image.
  bool belongs(std::size_t image, std::size_t map, std::int64_t y, std::int64_t x) const {
    return y < valid[image][map].height && x < valid[image][map].width;
  }
};

// `input` is the size of the batch, `images` are those of its images within it. A map's place is padding
// where the pixel is that lies floor(i * input / map) along both axes, computed in float32.
Levels make_levels(std::vector<Extent> maps, Extent input, const std::vector<Extent>& images);

// Calls visit(image, map, y, x) for every place, in the order of the tokens.
template <typename Visit>
void for_each_place(const Levels& levels, Visit&& visit) {
  for (std::size_t image = 0; image < levels.valid.size(); ++image)
    for (std::size_t map = 0; map < levels.maps.size(); ++map)
      for (std::int64_t y = 0; y < levels.maps[map].height; ++y)
        for (std::int64_t x = 0; x < levels.maps[map].width; ++x) visit(image, map, y, x);
}

// 1 where a place is padding, 0 elsewhere: [images, places].
Tensor padding(const Levels& levels);

// Which part of each map belongs to the image, x before y: [images, maps, 2], above 0 to 1.
Tensor valid_ratios(const Levels& levels);

// The centres of all places as shares of the image, once for each map that will be looked at, where they are
// shares of the padded map: [images, places, maps, 2], x before y.
Tensor centres(const Levels& levels);

}  // namespace anomalyvlm::grounding_dino
