#include "models/dinov2/patch_features.h"

#include "models/dinov2/dinov2.h"
#include "models/dinov2/positions.h"

namespace anomalyvlm::dinov2 {

PatchFeatures::PatchFeatures(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
                             nn::Precision precision, const Dinov2Config& config)
    : precision_(precision), config_(config), programs_(std::move(weights), std::move(engine)) {}

std::vector<Tensor> PatchFeatures::maps(const Tensor& input, const std::vector<int>& blocks) const {
  // Resampling takes a few milliseconds, the network a hundred times as long: nothing is kept.
  const Tensor places = positions(*programs_.weights(), config_, grid_of(config_, input.shape()));
  const auto function = [config = config_, blocks](const nn::Scope& root, const std::vector<nn::Value>& in) {
    nn::NamedValues named;
    for (const nn::Value& map : block_maps(root, config, in[0], in[1], blocks))
      named.emplace_back(fmt::format("block{}", blocks[named.size()]), map);
    return named;
  };
  const std::string name =
      fmt::format("maps of blocks {}, {}", fmt::join(blocks, " "), config_.description());
  const auto graph =
      nn::make_request(name, function, {{"image", input.shape()}, {"positions", places.shape()}});
  return programs_.get(graph, precision_)->run({input, places});
}

}  // namespace anomalyvlm::dinov2
