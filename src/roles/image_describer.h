#pragma once
// The role of a network that describes each place of an image by a vector, so that images can be compared
// place by place.
#include <string>
#include <vector>

#include "anomalyvlm/image.h"
#include "anomalyvlm/region.h"

namespace anomalyvlm {

// One vector for each cell of a regular grid over a part of an image.
struct DescriptorGrid {
  int width = 0, height = 0;   // cells
  int size = 0;                // numbers a vector
  Box covered;                 // what the grid covers, in pixels of the image
  std::vector<float> vectors;  // [height * width, size], row-major, finite
  std::vector<float> places;   // [height * width, 2]: x and y of each cell's middle, 0..1 of the image
  // How much of a defect the network sees in each cell by itself, 0..1; empty if it does not tell.
  std::vector<float> alarms;

  std::size_t cells() const { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }
};

// DescriptorGrid::places of a grid that covers this part of an image of width x height pixels.
std::vector<float> cell_places(const DescriptorGrid& grid, const Box& covered, int width, int height);

// What a describer says of an image, or of a tile of it.
struct DescribedPart {
  std::vector<DescriptorGrid> grids;
  PixelRect part;  // of the image; the grids' coordinates count from its corner
};

// Const and usable from several threads.
class ImageDescriber {
 public:
  virtual ~ImageDescriber() = default;
  // A grid for each scale at which the network sees the image, coarse to fine: always as many, with vectors
  // of the same sizes. image: of any size. Throws Error(kBadModel) when damaged weights give no numbers.
  virtual std::vector<DescriptorGrid> describe(const Image& image) const = 0;
  // What the vectors are, and the weights that made them (with SHA-256): vectors of different ids cannot be
  // compared.
  virtual std::string id() const = 0;
};

}  // namespace anomalyvlm
