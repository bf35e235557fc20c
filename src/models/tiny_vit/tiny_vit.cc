#include "models/tiny_vit/tiny_vit.h"

#include <cmath>

#include "nn/layers.h"
#include "nn/windows.h"

namespace anomalyvlm {
namespace {

using nn::Scope;
using nn::Value;

constexpr float kNormEps = 1e-5F;

std::int64_t scaled(std::int64_t channels, double factor) {
  return static_cast<std::int64_t>(static_cast<double>(channels) * factor);
}

// What a convolution of kernel 3, padding 1 and stride 2 leaves.
std::int64_t halved(std::int64_t extent) { return (extent + 1) / 2; }

// A convolution without bias and its batch norm.
Value conv_norm(const Scope& at, const Value& x, std::int64_t out, std::int64_t kernel,
                std::int64_t stride = 1, std::int64_t groups = 1) {
  const nn::ConvSpec spec = {stride, nn::same_padding(kernel / 2), 1, groups};
  return nn::batch_norm(at / "bn", nn::conv2d(at / "c", x, out, kernel, spec, false));
}

Value patch_embed(const Scope& at, const Value& x, std::int64_t dim) {
  const Value y = gelu(conv_norm(at / "seq" / 0, x, dim / 2, 3, 2));
  return conv_norm(at / "seq" / 2, y, dim, 3, 2);
}

// Inverted residual: expand, depthwise convolution, project.
Value mb_conv(const Scope& at, const TinyVitConfig& c, const Value& x) {
  const std::int64_t inner = scaled(x.dim(1), c.conv_expansion);
  Value y = gelu(conv_norm(at / "conv1", x, inner, 1));
  y = gelu(conv_norm(at / "conv2", y, inner, 3, 1, inner));
  return gelu(x + conv_norm(at / "conv3", y, x.dim(1), 1));
}

Value patch_merging(const Scope& at, const Value& x, std::int64_t out, std::int64_t stride) {
  Value y = gelu(conv_norm(at / "conv1", x, out, 1));
  y = gelu(conv_norm(at / "conv2", y, out, 3, stride, out));
  return conv_norm(at / "conv3", y, out, 1);
}

// One learned bias for each head and each distance (|dy|, |dx|) of two tokens of a window.
Value distance_bias(const Scope& at, std::int64_t heads, std::int64_t window) {
  const std::int64_t tokens = window * window;
  std::vector<std::int64_t> index;
  for (std::int64_t a = 0; a < tokens; ++a) {
    for (std::int64_t b = 0; b < tokens; ++b) {
      const std::int64_t dy = std::abs(a / window - b / window), dx = std::abs(a % window - b % window);
      index.push_back(dy * window + dx);
    }
  }
  return reshape(gather(at.weight("attention_biases", {heads, tokens}), 1, index), {heads, tokens, tokens});
}

// x [B, N, C]. Queries, keys and values lie side by side within each head.
Value attention(const Scope& at, const Value& x, std::int64_t heads, std::int64_t window) {
  const std::int64_t channels = x.dim(2), depth = channels / heads;
  const Value qkv =
      split_heads(nn::linear(at / "qkv", nn::layer_norm(at / "norm", x, kNormEps), 3 * channels), heads);
  const auto part = [&](std::int64_t i) { return slice(qkv, -1, i * depth, (i + 1) * depth); };
  const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(depth)));
  const Value y = nn::attention(part(0), part(1), part(2), scale, distance_bias(at, heads, window));
  return nn::linear(at / "proj", merge_heads(y), channels);
}

// x [B, H, W, C]. Tokens that pad a window take part: they are zeros before the attention's own norm.
Value window_attention(const Scope& at, const Value& x, std::int64_t heads, std::int64_t window) {
  const Value cut = nn::split_windows(x, window);
  const Value tokens = reshape(cut, {cut.dim(0), window * window, x.dim(3)});
  return nn::merge_windows(reshape(attention(at, tokens, heads, window), cut.shape), x.shape);
}

Value mlp(const Scope& at, const TinyVitConfig& c, const Value& x) {
  const Value y =
      nn::linear(at / "fc1", nn::layer_norm(at / "norm", x, kNormEps), scaled(x.dim(-1), c.mlp_ratio));
  return nn::linear(at / "fc2", gelu(y), x.dim(-1));
}

// x [B, C, H, W].
Value block(const Scope& at, const TinyVitConfig& c, const Value& image, std::size_t stage) {
  Value x = channels_last(image);
  x = x + window_attention(at / "attn", x, c.heads[stage], c.windows[stage]);
  const std::int64_t channels = image.dim(1);
  x = channels_last(conv_norm(at / "local_conv", channels_first(x), channels, c.local_conv, 1, channels));
  return channels_first(x + mlp(at / "mlp", c, x));
}

// [B, C, H, W] -> [B, H * W, C].
Value tokens(const Value& x) { return reshape(channels_last(x), {x.dim(0), -1, x.dim(1)}); }

void require_stages(const TinyVitConfig& c) {
  const std::size_t stages = c.dims.size();
  if (stages == 0 || c.depths.size() != stages || c.heads.size() != stages || c.windows.size() != stages ||
      c.merge_strides.size() + 1 != stages)
    fail(ErrorKind::kBadModel,
         "TinyViT: dims, depths, heads and windows must have one entry for each stage and merge_strides one "
         "less, not {}, {}, {}, {} and {}.",
         stages, c.depths.size(), c.heads.size(), c.windows.size(), c.merge_strides.size());
}

}  // namespace

std::int64_t TinyVitConfig::grid_size() const {
  std::int64_t side = halved(halved(image_size));
  for (const std::int64_t stride : merge_strides) side = stride == 2 ? halved(side) : side;
  return side;
}

Value tiny_vit(const Scope& at, const TinyVitConfig& config, const Value& image) {
  require_stages(config);
  Value x = tap("patch_embed", patch_embed(at / "patch_embed", image, config.dims[0]));
  const std::size_t last = config.dims.size() - 1;
  for (std::size_t stage = 0; stage <= last; ++stage) {
    const Scope layer = at / "layers" / static_cast<int>(stage);
    const std::string name = fmt::format("layer{}", stage);
    for (int i = 0; i < config.depths[stage]; ++i) {
      const Scope here = layer / "blocks" / i;
      x = stage == 0 ? mb_conv(here, config, x) : block(here, config, x, stage);
      tap(fmt::format("{}.block{}", name, i), stage == 0 ? x : tokens(x));
    }
    if (stage < last)
      x = patch_merging(layer / "downsample", x, config.dims[stage + 1], config.merge_strides[stage]);
    tap(name, tokens(x));
  }
  return x;
}

}  // namespace anomalyvlm
