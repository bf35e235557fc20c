#include "models/grounding_dino/encoder.h"

#include "models/grounding_dino/heads.h"
#include "models/grounding_dino/ms_deform_attn.h"
#include "models/grounding_dino/positions.h"
#include "models/grounding_dino/proposals.h"
#include "models/grounding_dino/text_enhancer.h"
#include "nn/layers.h"

namespace anomalyvlm::grounding_dino {
namespace {

using nn::Scope;
using nn::Value;

// What is added to the image's tokens in attention scores: their position encodings, and a vector of their
// level.
Value places(const Scope& at, const GroundingDinoConfig& config, const Levels& levels, const Value& like) {
  const auto maps = static_cast<std::int64_t>(levels.maps.size());
  const Value of_maps = at.weight("level_embed", {maps, config.channels});
  std::vector<Value> parts;
  for (std::int64_t i = 0; i < maps; ++i)
    parts.push_back(broadcast_to(slice(of_maps, 0, i, i + 1),
                                 {levels.maps[static_cast<std::size_t>(i)].places(), config.channels}));
  return constant(like, image_positions(config, levels)) + nn::concat(parts, 0);
}

// kNotSeen where an image's token is padding: [images, 1, 1, places]. Undefined where none is.
Value seen_places(const Levels& levels, const Value& like) {
  if (!levels.padded()) return {};
  return reshape(constant(like, padding(levels)), {levels.images(), 1, 1, levels.places()}) * kNotSeen;
}

}  // namespace

ImageAndText encode(const Scope& at, const GroundingDinoConfig& config, const Levels& levels,
                    const EncoderInputs& inputs) {
  const Scope encoder = at / "encoder";
  const Value positions = places(at, config, levels, inputs.image);
  const Seen seen = {seen_places(levels, inputs.image), inputs.seen};
  const Value phrases = config.mixed_up_masks
                            ? mixed_up_masks(inputs.phrases, config.text_enhancer_config().heads)
                            : inputs.phrases;
  const Value references = constant(inputs.image, centres(levels)),
              padding = padding_of(levels, inputs.image);
  Shape image = inputs.image.shape;
  image[0] = inputs.text.dim(0);
  ImageAndText x = {broadcast_to(inputs.image, image), inputs.text};
  for (int i = 0; i < config.encoder_layers; ++i) {
    if (config.fusion) x = fuse(encoder / "fusion_layers" / i, config.fusion_config(), x, seen);
    x.text = nn::tap(fmt::format("enc{}.fusion_l", i), x.text);
    if (config.text_enhancer)
      x.text = enhance_text(encoder / "text_layers" / i, config.text_enhancer_config(), x.text,
                            inputs.positions, phrases);
    x.text = nn::tap(fmt::format("enc{}.memory_text", i), x.text);
    const Scope layer = encoder / "layers" / i;
    const Value y = ms_deform_attn(layer / "self_attn", {config.heads, config.encoder_points},
                                   x.image + positions, references, x.image, levels.maps, padding);
    x.image = nn::layer_norm(layer / "norm1", x.image + y, config.norm_eps);
    x.image = feed_forward(layer, "norm2", config, x.image);
  }
  return x;
}

Value proposal_scores(const Scope& at, const GroundingDinoConfig& config, const Levels& levels,
                      const ImageAndText& encoded, const Value& seen) {
  const Value valid =
      reshape(constant(encoded.image, make_anchors(levels).valid), {levels.images(), levels.places(), 1});
  const Value features = proposal_features(at, config, encoded.image * valid);
  return max(match_text(features, encoded.text) + reshape(seen, {seen.dim(0), 1, -1}), {2});
}

}  // namespace anomalyvlm::grounding_dino
