#pragma once
// Which places of a map are padding, as the authors' code works it out: from a mask of all pixels, shrunk to
// each map. Shares no code with src/models/grounding_dino.
#include <vector>

#include "models/grounding_dino/levels.h"

namespace anomalyvlm::test {

struct PlainMask {
  std::int64_t height = 0, width = 0;
  std::vector<bool> padding;  // [height, width]

  bool at(std::int64_t y, std::int64_t x) const { return padding[static_cast<std::size_t>(y * width + x)]; }
  // How many places down (right) from (y, x) are no padding, it among them, counted from the first row
  // (column).
  int count_down(std::int64_t y, std::int64_t x) const {
    int count = 0;
    for (std::int64_t row = 0; row <= y; ++row) count += at(row, x) ? 0 : 1;
    return count;
  }
  int count_right(std::int64_t y, std::int64_t x) const {
    int count = 0;
    for (std::int64_t column = 0; column <= x; ++column) count += at(y, column) ? 0 : 1;
    return count;
  }
  int valid_rows() const { return count_down(height - 1, 0); }
  int valid_columns() const { return count_right(0, width - 1); }
};

// An image at the top left of an input, shrunk to a map by taking the nearest pixel before.
inline PlainMask plain_mask(Extent map, Extent input, Extent image) {
  PlainMask mask{map.height, map.width, {}};
  for (std::int64_t y = 0; y < map.height; ++y)
    for (std::int64_t x = 0; x < map.width; ++x)
      mask.padding.push_back(y * input.height / map.height >= image.height ||
                             x * input.width / map.width >= image.width);
  return mask;
}

// The sizes of a batch that tests go through: what one image needs, and what the others leave empty.
struct PlainBatch {
  std::vector<Extent> maps;
  Extent input;
  std::vector<Extent> images;

  grounding_dino::Levels levels() const { return grounding_dino::make_levels(maps, input, images); }
};

inline std::vector<PlainBatch> plain_batches() {
  return {{{{20, 13}, {10, 7}, {5, 4}, {3, 2}}, {160, 104}, {{160, 104}}},
          {{{21, 16}, {11, 8}, {6, 4}, {3, 2}}, {166, 128}, {{166, 93}, {104, 128}}},
          {{{3, 50}, {2, 25}, {1, 13}}, {24, 400}, {{24, 400}, {24, 392}, {1, 1}}},
          {{{51, 2}, {26, 1}, {13, 1}, {7, 1}, {4, 1}}, {401, 9}, {{401, 9}, {200, 5}}}};
}

}  // namespace anomalyvlm::test
