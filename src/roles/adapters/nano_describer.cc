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

std::vector<DescriptorGrid> grids_of(const nano::NanoModel::EncodedImage& encoded, int width, int height,
                                     std::span<const FloatMap> alarms) {
  std::vector<DescriptorGrid> grids;
  for (const nano::NanoModel::EncodedScale& scale : encoded) {
    const Tensor& vectors = scale.descriptors;
    DescriptorGrid& grid = grids.emplace_back(
        DescriptorGrid{.width = static_cast<int>(vectors.dim(3)),
                       .height = static_cast<int>(vectors.dim(2)),
                       .size = static_cast<int>(vectors.dim(1)),
                       .covered = {0, 0, static_cast<float>(width), static_cast<float>(height)},
                       .vectors = by_cell(vectors),
                       .places = {},
                       .alarms = {}});
    if (!alarms.empty()) grid.alarms = alarms[grids.size() - 1].values;
    grid.places = cell_places(grid, grid.covered, width, height);
  }
  return grids;
}

std::vector<DescriptorGrid> NanoDescriber::describe(const Image& image) const {
  const nano::NanoModel::EncodedImage encoded = model_->encode(image);
  std::vector<FloatMap> alarms;
  model_->decode(encoded, &alarms);
  return grids_of(encoded, image.width, image.height, alarms);
}

}  // namespace anomalyvlm
