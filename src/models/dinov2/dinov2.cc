#include "models/dinov2/dinov2.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "nn/layers.h"

namespace anomalyvlm::dinov2 {
namespace {

using nn::Scope;
using nn::Value;

void require_buildable(const Dinov2Config& c) {
  if (c.channels < 1 || c.blocks < 1 || c.heads < 1 || c.channels % c.heads != 0)
    fail(ErrorKind::kBadModel, "DINOv2: {} channels cannot be shared among {} heads in {} blocks.",
         c.channels, c.heads, c.blocks);
  if (c.hidden < 1 || c.patch < 1 || c.grid < 1 || c.registers < 0)
    fail(ErrorKind::kBadModel,
         "DINOv2: {} hidden channels, patches of {} pixels, a grid of {} and {} registers cannot be.",
         c.hidden, c.patch, c.grid, c.registers);
}

Value attention(const Scope& at, const Dinov2Config& config, const Value& x) {
  const std::int64_t channels = x.dim(-1);
  const Value qkv = nn::linear(at / "qkv", x, 3 * channels);
  const auto part = [&](std::int64_t i) {
    return nn::split_heads(slice(qkv, -1, i * channels, (i + 1) * channels), config.heads);
  };
  const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(channels / config.heads)));
  return nn::linear(at / "proj", nn::merge_heads(nn::attention(part(0), part(1), part(2), scale)), channels);
}

Value feed_forward(const Scope& at, const Dinov2Config& config, const Value& x) {
  if (config.feed_forward == FeedForward::kMlp)
    return nn::linear(at / "fc2", gelu(nn::linear(at / "fc1", x, config.hidden)), x.dim(-1));
  const Value both = nn::linear(at / "w12", x, 2 * config.hidden);
  const Value gate = slice(both, -1, 0, config.hidden),
              value = slice(both, -1, config.hidden, 2 * config.hidden);
  return nn::linear(at / "w3", gate * sigmoid(gate) * value, x.dim(-1));
}

// A learned factor for each channel.
Value scaled(const Scope& at, const Value& x) { return x * at.weight("gamma", {x.dim(-1)}); }

// Rows of a weight, [1, rows, C], for each image.
Value for_each_image(const Value& rows, std::int64_t images) {
  return broadcast_to(rows, {images, rows.dim(1), rows.dim(2)});
}

}  // namespace

Extent grid_of(const Dinov2Config& config, const Shape& images) {
  if (images.size() != 4 || config.patch < 1 || images[2] < config.patch || images[3] < config.patch ||
      images[2] % config.patch != 0 || images[3] % config.patch != 0)
    fail(ErrorKind::kBadInput, "DINOv2: the sides of images {} are not multiples of {} pixels.",
         to_string(images), config.patch);
  return {images[2] / config.patch, images[3] / config.patch};
}

Value image_tokens(const Scope& root, const Dinov2Config& config, const Value& x, const Value& positions) {
  require_buildable(config);
  const Extent grid = grid_of(config, x.shape);
  const std::int64_t channels = config.channels, images = x.dim(0);
  nn::ConvSpec spec;
  spec.stride = config.patch;
  const Value cells = nn::conv2d(root / "patch_embed" / "proj", x, channels, config.patch, spec);
  const Value patches = transpose(reshape(cells, {images, channels, grid.places()}), 1, 2);
  const Value first = for_each_image(root.weight("cls_token", {1, 1, channels}), images);
  const Value placed = nn::concat({first, patches}, 1) + positions;
  if (config.registers == 0) return tap("tokens", placed);
  // Registers have no place.
  const Value registers =
      for_each_image(root.weight("register_tokens", {1, config.registers, channels}), images);
  return tap("tokens",
             nn::concat({slice(placed, 1, 0, 1), registers, slice(placed, 1, 1, placed.dim(1))}, 1));
}

Value block(const Scope& root, const Dinov2Config& config, int index, const Value& tokens) {
  const Scope at = root / "blocks" / index;
  const auto norm = [&](const char* name, const Value& x) {
    return nn::layer_norm(at / name, x, config.norm_eps);
  };
  const Value attended = tokens + scaled(at / "ls1", attention(at / "attn", config, norm("norm1", tokens)));
  return tap(fmt::format("block_{}", index),
             attended + scaled(at / "ls2", feed_forward(at / "mlp", config, norm("norm2", attended))));
}

Value final_norm(const Scope& root, const Dinov2Config& config, const Value& tokens) {
  return nn::layer_norm(root / "norm", tokens, config.norm_eps);
}

Value patch_map(const Dinov2Config& config, const Value& tokens, Extent grid) {
  const Value patches = slice(tokens, 1, 1 + config.registers, tokens.dim(1));
  return reshape(transpose(patches, 1, 2), {tokens.dim(0), tokens.dim(2), grid.height, grid.width});
}

std::vector<Value> block_maps(const Scope& root, const Dinov2Config& config, const Value& x,
                              const Value& positions, const std::vector<int>& blocks) {
  const bool ascending =
      std::adjacent_find(blocks.begin(), blocks.end(), std::greater_equal<>()) == blocks.end();
  if (blocks.empty() || !ascending || blocks.front() < 0 || blocks.back() >= config.blocks)
    fail(ErrorKind::kBadModel, "DINOv2: blocks [{}] must be ascending numbers from 0 to {}.",
         fmt::join(blocks, ", "), config.blocks - 1);
  const Extent grid = grid_of(config, x.shape);
  std::vector<Value> maps;
  Value tokens = image_tokens(root, config, x, positions);
  for (int i = 0; i <= blocks.back(); ++i) {
    tokens = block(root, config, i, tokens);
    if (std::binary_search(blocks.begin(), blocks.end(), i))
      maps.push_back(patch_map(config, final_norm(root, config, tokens), grid));
  }
  return maps;
}

std::vector<ExpectedTensor> expected_tensors(const Dinov2Config& config) {
  const auto last = [&](const Scope& root, const std::vector<Value>& in) {
    return nn::NamedValues{{"map", block_maps(root, config, in[0], in[1], {config.blocks - 1}).front()}};
  };
  std::vector<ExpectedTensor> all = nn::trace_signature(last, {{"image", {1, 3, config.patch, config.patch}},
                                                               {"positions", {1, 2, config.channels}}})
                                        .weights;
  all.push_back({"pos_embed", {1, 1 + config.grid * config.grid, config.channels}});
  return all;
}

// What hides patches in training.
std::vector<std::string> ignorable_tensors() { return {"mask_token"}; }

}  // namespace anomalyvlm::dinov2
