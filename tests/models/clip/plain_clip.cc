#include "models/clip/plain_clip.h"

#include <algorithm>
#include <cmath>

namespace anomalyvlm::test {
namespace {

// x W^T + b with the weight [out, in].
PlainTokens times(const PlainTokens& x, const Tensor& weight, const Tensor& bias) {
  WeightFile::Tensors tensors = {{"w.weight", weight}, {"w.bias", bias}};
  return plain_linear(x, WeightFile("", std::move(tensors)), "w");
}

// A row times a matrix [in, out].
std::vector<double> projected(const PlainTokens& x, int row, const Tensor& matrix) {
  std::vector<double> out(static_cast<std::size_t>(matrix.dim(1)));
  for (int c = 0; c < x.channels; ++c)
    for (std::size_t o = 0; o < out.size(); ++o)
      out[o] += x.at(row, c) * matrix.floats()[static_cast<std::size_t>(c) * out.size() + o];
  return out;
}

double cubic(double x) {
  x = std::abs(x);
  if (x <= 1) return 1.25 * x * x * x - 2.25 * x * x + 1;
  return x < 2 ? -0.75 * x * x * x + 3.75 * x * x - 6 * x + 3 : 0;
}

// Channel c of the patches' positions at row y, column x of a height x width grid.
double position(const Tensor& table, int side, int height, int width, int y, int x, int c) {
  const double row = (y + 0.5) * side / height - 0.5, column = (x + 0.5) * side / width - 0.5;
  double sum = 0;
  for (int v = static_cast<int>(std::floor(row)) - 1; v <= std::floor(row) + 2; ++v)
    for (int h = static_cast<int>(std::floor(column)) - 1; h <= std::floor(column) + 2; ++h) {
      const int place = 1 + std::clamp(v, 0, side - 1) * side + std::clamp(h, 0, side - 1);
      sum += cubic(v - row) * cubic(h - column) *
             table.floats()[static_cast<std::size_t>(place * table.dim(1) + c)];
    }
  return sum;
}

}  // namespace

clip::ClipConfig small_clip(bool quick_gelu) {
  clip::ClipConfig config;
  config.embedding = 7;
  config.image_size = 15;
  config.patch = 5;
  config.vision = {12, 3, 3};
  config.text = {10, 2, 2};
  config.context = 23;
  config.vocabulary = 31;
  config.quick_gelu = quick_gelu;
  return config;
}

PlainTokens plain_image_tokens(const clip::ClipConfig& config, const WeightFile& weights,
                               const std::string& at, const Tensor& image) {
  const int patch = static_cast<int>(config.patch), side = static_cast<int>(config.grid());
  const PlainMaps pixels(image);
  PlainWindow window;
  window.stride = patch;
  window.out_height = pixels.height / patch;
  window.out_width = pixels.width / patch;
  const PlainTokens cells = plain_tokens(plain_conv(pixels, weights.at(at + "conv1.weight"), window));
  const Tensor& first = weights.at(at + "class_embedding");
  const Tensor& table = weights.at(at + "positional_embedding");
  PlainTokens x(cells.count + 1, cells.channels);
  for (int c = 0; c < x.channels; ++c) {
    x.at(0, c) = static_cast<double>(first.floats()[c]) + table.floats()[c];
    for (int i = 0; i < cells.count; ++i)
      x.at(i + 1, c) = cells.at(i, c) + position(table, side, window.out_height, window.out_width,
                                                 i / window.out_width, i % window.out_width, c);
  }
  return plain_layer_norm(x, weights, at + "ln_pre", 1e-5);
}

PlainTokens plain_packed_attention(const WeightFile& weights, const std::string& at, std::int64_t heads,
                                   const PlainTokens& x, bool causal) {
  const PlainTokens qkv = times(x, weights.at(at + "in_proj_weight"), weights.at(at + "in_proj_bias"));
  const int depth = x.channels / static_cast<int>(heads), c = x.channels;
  const PlainTokens attended = plain_attention(
      qkv, static_cast<int>(heads),
      [&](int h) {
        return PlainHead{h * depth, c + h * depth, 2 * c + h * depth};
      },
      [&](int, int i, int j) { return causal && j > i ? -1e30 : 0.0; });
  return plain_linear(attended, weights, at + "out_proj");
}

PlainTokens plain_clip_block(const clip::ClipConfig& config, const WeightFile& weights, const std::string& at,
                             std::int64_t heads, const PlainTokens& x, bool causal) {
  const PlainTokens y = plain_layer_norm(x, weights, at + "ln_1", 1e-5);
  const PlainTokens z = plain_sum(x, plain_packed_attention(weights, at + "attn.", heads, y, causal));
  PlainTokens inner = plain_linear(plain_layer_norm(z, weights, at + "ln_2", 1e-5), weights, at + "mlp.c_fc");
  for (double& value : inner.values)
    value = config.quick_gelu ? value / (1 + std::exp(-1.702 * value)) : plain_gelu(value);
  return plain_sum(z, plain_linear(inner, weights, at + "mlp.c_proj"));
}

PlainTokens plain_image_layers(const clip::ClipConfig& config, const WeightFile& weights,
                               const std::string& at, PlainTokens x) {
  for (int i = 0; i < config.vision.layers; ++i)
    x = plain_clip_block(config, weights, fmt::format("{}transformer.resblocks.{}.", at, i),
                         config.vision.heads, x, false);
  return x;
}

std::vector<double> plain_image_vector(const clip::ClipConfig&, const WeightFile& weights,
                                       const std::string& at, const PlainTokens& tokens, int i) {
  return projected(plain_layer_norm(tokens, weights, at + "ln_post", 1e-5), i, weights.at(at + "proj"));
}

PlainTokens plain_text_states(const clip::ClipConfig& config, const WeightFile& weights,
                              const std::string& at, const std::vector<std::int64_t>& ids) {
  const auto words = weights.at(at + "token_embedding.weight").floats();
  const auto places = weights.at(at + "positional_embedding").floats();
  PlainTokens x(static_cast<int>(ids.size()), static_cast<int>(config.text.channels));
  for (int i = 0; i < x.count; ++i)
    for (int c = 0; c < x.channels; ++c)
      x.at(i, c) = static_cast<double>(words[static_cast<std::size_t>(ids[i] * x.channels + c)]) +
                   places[static_cast<std::size_t>(i * x.channels + c)];
  for (int i = 0; i < config.text.layers; ++i)
    x = plain_clip_block(config, weights, fmt::format("{}transformer.resblocks.{}.", at, i),
                         config.text.heads, x, true);
  return plain_layer_norm(x, weights, at + "ln_final", 1e-5);
}

std::vector<double> plain_text_vector(const clip::ClipConfig& config, const WeightFile& weights,
                                      const std::string& at, const std::vector<std::int64_t>& ids) {
  const int end = static_cast<int>(std::max_element(ids.begin(), ids.end()) - ids.begin());
  return projected(plain_text_states(config, weights, at, ids), end, weights.at(at + "text_projection"));
}

}  // namespace anomalyvlm::test
