#include "models/grounding_dino/image_features.h"

#include "nn/layers.h"

namespace anomalyvlm::grounding_dino {
namespace {

using nn::Scope;
using nn::Value;

std::int64_t halved(std::int64_t extent) { return (extent + 1) / 2; }
Extent halved(Extent map) { return {halved(map.height), halved(map.width)}; }

Value normed(const Scope& at, const GroundingDinoConfig& config, const Value& x) {
  return nn::group_norm(at, x, config.group_norm_groups, config.norm_eps);
}

}  // namespace

std::vector<Extent> map_sizes(const GroundingDinoConfig& config, Extent input) {
  const std::int64_t patch = config.backbone.patch;
  Extent map = {(input.height + patch - 1) / patch, (input.width + patch - 1) / patch};
  std::vector<Extent> maps;
  for (int stage = 0; static_cast<int>(maps.size()) < config.levels; ++stage, map = halved(map))
    if (stage >= config.backbone.first_stage) maps.push_back(map);
  return maps;
}

Value image_features(const Scope& root, const GroundingDinoConfig& config, const Value& image) {
  const std::vector<Value> features = swin_features(root / "backbone" / 0, config.backbone, image);
  const Scope projections = root / "input_proj";
  std::vector<Value> maps, tokens;
  for (int i = 0; i < config.levels; ++i) {
    const auto level = static_cast<std::size_t>(i);
    const Scope at = projections / i;
    nn::ConvSpec spec;
    if (level >= features.size()) spec = {.stride = 2, .padding = nn::same_padding(1)};
    // The first further map is made from the backbone's own last one, the others from the map before.
    const Value& from = level < features.size()    ? features[level]
                        : level == features.size() ? features.back()
                                                   : maps.back();
    const Value map = nn::conv2d(at / 0, from, config.channels, level < features.size() ? 1 : 3, spec);
    maps.push_back(nn::tap(fmt::format("src{}", i), normed(at / 1, config, map)));
    tokens.push_back(reshape(nn::channels_last(maps.back()), {image.dim(0), -1, config.channels}));
  }
  const std::vector<Extent> sizes = map_sizes(config, {image.dim(2), image.dim(3)});
  for (std::size_t i = 0; i < maps.size(); ++i)
    AVLM_CHECK(maps[i].dim(2) == sizes[i].height && maps[i].dim(3) == sizes[i].width);
  return nn::concat(tokens, 1);
}

}  // namespace anomalyvlm::grounding_dino
