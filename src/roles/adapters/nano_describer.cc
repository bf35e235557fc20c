#include "roles/adapters/nano_describer.h"

namespace anomalyvlm {
namespace {

// [1, C, h, w] as a vector for each cell.
std::vector<float> by_cell(const Tensor& tensor) {
  const auto channels = static_cast<std::size_t>(tensor.dim(1)),
             cells = static_cast<std::size_t>(tensor.dim(2) * tensor.dim(3));
  std::vector<float> vectors(channels * cells);
  const std::span<const float> from = tensor.floats();
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t i = 0; i < cells; ++i) vectors[i * channels + c] = from[c * cells + i];
  return vectors;
}

}  // namespace

std::vector<DescriptorGrid> grids_of(const std::vector<nano::Descriptors>& seen, int width, int height) {
  std::vector<DescriptorGrid> grids;
  for (const nano::Descriptors& scale : seen) {
    DescriptorGrid& grid = grids.emplace_back(
        DescriptorGrid{.width = static_cast<int>(scale.vectors.dim(3)),
                       .height = static_cast<int>(scale.vectors.dim(2)),
                       .size = static_cast<int>(scale.vectors.dim(1)),
                       .covered = {0, 0, static_cast<float>(width), static_cast<float>(height)},
                       .vectors = by_cell(scale.vectors),
                       .places = {},
                       .alarms = scale.defect.values});
    grid.places = cell_places(grid, grid.covered, width, height);
  }
  return grids;
}

std::vector<DescriptorGrid> NanoDescriber::describe(const Image& image) const {
  std::vector<nano::Descriptors> seen;
  model_->analyse(image, &seen);
  return grids_of(seen, image.width, image.height);
}

}  // namespace anomalyvlm
