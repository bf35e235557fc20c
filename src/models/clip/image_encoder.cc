#include "models/clip/image_encoder.h"

namespace anomalyvlm::clip {

std::vector<std::int64_t> patches_of(const Windows& windows, Extent grid) {
  if (windows.side < 1 || windows.stride < 1 || windows.side > std::min(grid.height, grid.width))
    fail(ErrorKind::kBadInput,
         "CLIP: there are no windows of {} patches a side, {} apart, in {} x {} patches.", windows.side,
         windows.stride, grid.width, grid.height);
  std::vector<std::int64_t> patches;
  for (std::int64_t top = 0; top + windows.side <= grid.height; top += windows.stride)
    for (std::int64_t left = 0; left + windows.side <= grid.width; left += windows.stride)
      for (std::int64_t i = 0; i < windows.side * windows.side; ++i)
        patches.push_back((top + i / windows.side) * grid.width + left + i % windows.side);
  return patches;
}

ImageEncoder::ImageEncoder(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
                           nn::Precision precision, const ClipConfig& config)
    : precision_(precision), config_(config), programs_(std::move(weights), std::move(engine)) {}

std::vector<Tensor> ImageEncoder::vectors(const Tensor& input, std::span<const Windows> windows) const {
  AVLM_CHECK(input.rank() == 4 && input.dim(0) == 1);
  struct Kind {
    std::vector<std::int64_t> patches;
    std::int64_t patches_of_each;
  };
  std::vector<Kind> kinds;
  std::string name = "image of " + config_.description();
  for (const Windows& kind : windows) {
    const Extent grid{input.dim(2) / config_.patch, input.dim(3) / config_.patch};
    kinds.push_back({patches_of(kind, grid), kind.side * kind.side});
    name += fmt::format(", windows of {} patches, {} apart", kind.side, kind.stride);
  }
  const auto function = [config = config_, kinds](const nn::Scope& root, const std::vector<nn::Value>& in) {
    const nn::Scope at = root / "visual";
    const nn::Value tokens = image_tokens(at, config, in[0]);
    nn::NamedValues named = {{"whole", image_vector(at, config, tokens)}};
    for (const Kind& kind : kinds)
      named.emplace_back(fmt::format("windows{}", named.size()),
                         encode_windows(at, config, tokens, kind.patches, kind.patches_of_each));
    return named;
  };
  return programs_.get(nn::make_request(name, function, {{"image", input.shape()}}), precision_)
      ->run({input});
}

}  // namespace anomalyvlm::clip
