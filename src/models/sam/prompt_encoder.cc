#include "models/sam/prompt_encoder.h"

#include <numbers>

#include "nn/layers.h"

namespace anomalyvlm::sam {
namespace {

using nn::Scope;
using nn::Value;

constexpr float kNormEps = 1e-6F;

// Sines and cosines of random frequencies (Tancik et al., 2020). places [..., 2]: x, y from 0 to 1.
Value fourier_features(const Scope& at, const SamConfig& c, const Value& places) {
  const Value frequencies = at.weight("pe_layer.positional_encoding_gaussian_matrix", {2, c.channels / 2});
  const Value angles = matmul(places * 2.0F - 1.0F, frequencies) * (2 * std::numbers::pi_v<float>);
  return nn::concat({sin(angles), cos(angles)}, -1);
}

// Strides and channels of the convolutions divide the map by 4.
Value halved(const Scope& at, const Value& x, std::int64_t channels) {
  nn::ConvSpec stride;
  stride.stride = 2;
  return nn::conv2d(at, x, channels, 2, stride);
}

}  // namespace

Value encode_points(const Scope& at, const SamConfig& config, PixelSize input, const Value& points,
                    const Value& kinds) {
  const Value size = constant(
      points, Tensor::from<float>({2}, {static_cast<float>(input.width), static_cast<float>(input.height)}));
  std::vector<Value> vectors = {at.weight("not_a_point_embed.weight", {1, config.channels})};
  for (int i = 0; i < 4; ++i)
    vectors.push_back((at / "point_embeddings" / i).weight("weight", {1, config.channels}));
  const Value place = fourier_features(at, config, (points + 0.5F) / size);  // centres of pixels
  const Value is_a_point = 1.0F - slice(kinds, -1, kNotAPoint, kNotAPoint + 1);
  return place * is_a_point + matmul(kinds, nn::concat(vectors, 0));
}

Value encode_masks(const Scope& at, const SamConfig& config, const Value& masks) {
  const Scope layers = at / "mask_downscaling";
  Value x = halved(layers / 0, masks, config.mask_channels / 4);
  x = gelu(nn::layer_norm2d(layers / 1, x, kNormEps));
  x = halved(layers / 3, x, config.mask_channels);
  x = gelu(nn::layer_norm2d(layers / 4, x, kNormEps));
  return nn::conv2d(layers / 6, x, config.channels, 1);
}

Value no_mask(const Scope& at, const SamConfig& config) {
  return reshape(at.weight("no_mask_embed.weight", {1, config.channels}), {1, config.channels, 1, 1});
}

Value place_encoding(const Scope& at, const SamConfig& config, const Value& like, std::int64_t height,
                     std::int64_t width) {
  std::vector<float> places;
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      places.push_back((static_cast<float>(x) + 0.5F) / static_cast<float>(width));
      places.push_back((static_cast<float>(y) + 0.5F) / static_cast<float>(height));
    }
  }
  const Value grid = constant(like, Tensor::from<float>({1, height, width, 2}, std::move(places)));
  return channels_first(fourier_features(at, config, grid));
}

}  // namespace anomalyvlm::sam
