#include "methods/patchcore/describer.h"

#include <utility>

#include "core/check.h"

namespace anomalyvlm::patchcore {

Describer::Describer(std::shared_ptr<const FeatureLayers> layers, const Config& config)
    : layers_(std::move(layers)), config_(config) {
  require_possible(config_);
}

std::vector<DescriptorGrid> Describer::describe(const Image& image) const {
  const std::vector<Tensor> layers = layers_->layers(input_of(image, config_));
  for (const Tensor& layer : layers)
    if (!layer.is_finite())
      fail(ErrorKind::kBadModel, "PatchCore: the image's features are not numbers; the weights are damaged.");
  Embedding embedding = embed(layers, config_);
  DescriptorGrid grid;
  grid.width = static_cast<int>(embedding.grid.width);
  grid.height = static_cast<int>(embedding.grid.height);
  grid.size = embedding.size;
  grid.covered = framing_of(image, config_).covered;
  grid.vectors = std::move(embedding.vectors);
  grid.places = cell_places(grid, grid.covered, image.width, image.height);
  std::vector<DescriptorGrid> all;
  all.push_back(std::move(grid));
  return all;
}

std::string Describer::id() const {
  return fmt::format("PatchCore's vectors 1, {}; {} of {} pixels, patches {}/{}, {} numbers of {} a layer",
                     layers_->id(), config_.input_side, config_.shorter_side, config_.patch_size,
                     config_.patch_stride, config_.embedding_size, config_.layer_size);
}

}  // namespace anomalyvlm::patchcore
