#include "models/sam/image_encoder.h"

#include <algorithm>
#include <cmath>

#include "nn/layers.h"
#include "nn/windows.h"

namespace anomalyvlm::sam {
namespace {

using nn::Scope;
using nn::Value;

constexpr float kNeckEps = 1e-6F;

// Relative position embeddings of a map: relative_positions() of its rows and its columns. Both undefined:
// none are used.
struct Relative {
  Value rows, columns;
};

Relative relative(const Scope& at, std::int64_t side, std::int64_t depth, std::int64_t height,
                  std::int64_t width) {
  const Shape table = {2 * side - 1, depth};
  return {relative_positions(at.weight("rel_pos_h", table), height),
          relative_positions(at.weight("rel_pos_w", table), width)};
}

// q, k, v [B, heads, T, D] -> the same. Head by head where the scores of all would take gigabytes: an engine
// holds the bias as a whole.
Value attend(const Value& q, const Value& k, const Value& v, const Relative& relative) {
  constexpr std::int64_t kMostScores = 1 << 24;
  const std::int64_t heads = q.dim(1), scores = q.dim(0) * q.dim(2) * q.dim(2);
  const std::int64_t at_once = std::clamp(kMostScores / scores, std::int64_t{1}, heads);
  const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(q.dim(3))));
  std::vector<Value> parts;
  for (std::int64_t head = 0; head < heads; head += at_once) {
    const auto some = [&](const Value& x) { return slice(x, 1, head, std::min(head + at_once, heads)); };
    const Value part = some(q);
    const Value bias =
        relative.rows.defined() ? relative_bias(part, relative.rows, relative.columns) : Value{};
    parts.push_back(nn::attention(part, some(k), some(v), scale, bias));
  }
  return nn::concat(parts, 1);
}

// x [B, h, w, C] of a map, or of windows with B = their number. `side`: that the tables are made for.
Value attention(const Scope& at, const SamVitConfig& c, const Value& x, std::int64_t side) {
  const std::int64_t height = x.dim(1), width = x.dim(2), channels = x.dim(3);
  const Value tokens = reshape(x, {x.dim(0), height * width, channels});
  const Value qkv = nn::linear(at / "qkv", tokens, 3 * channels, c.qkv_bias);
  const auto part = [&](std::int64_t i) {
    return nn::split_heads(slice(qkv, -1, i * channels, (i + 1) * channels), c.heads);
  };
  const Value y =
      attend(part(0), part(1), part(2),
             c.relative_positions ? relative(at, side, channels / c.heads, height, width) : Relative());
  return reshape(nn::linear(at / "proj", nn::merge_heads(y), channels), x.shape);
}

Value mlp(const Scope& at, const SamVitConfig& c, const Value& x) {
  const auto inner = static_cast<std::int64_t>(static_cast<double>(x.dim(-1)) * c.mlp_ratio);
  return nn::linear(at / "lin2", gelu(nn::linear(at / "lin1", x, inner)), x.dim(-1));
}

// x [B, h, w, C]. Tokens that pad a window are zeros after the norm, and take part.
Value block(const Scope& at, const SamVitConfig& c, const Value& x, bool global) {
  const Value y = nn::layer_norm(at / "norm1", x, c.norm_eps);
  const Value attended =
      global
          ? attention(at / "attn", c, y, c.grid_size())
          : nn::merge_windows(attention(at / "attn", c, nn::split_windows(y, c.window), c.window), x.shape);
  const Value z = x + attended;
  return z + mlp(at / "mlp", c, nn::layer_norm(at / "norm2", z, c.norm_eps));
}

Value encode(const Scope& at, const SamVitConfig& c, const Value& image) {
  nn::ConvSpec patches;
  patches.stride = c.patch;
  Value x = channels_last(nn::conv2d(at / "patch_embed" / "proj", image, c.channels, c.patch, patches));
  if (c.absolute_positions) x = x + at.weight("pos_embed", {1, c.grid_size(), c.grid_size(), c.channels});
  tap("tokens_in", x);
  for (int i = 0; i < c.depth; ++i) {
    const bool global = c.window == 0 ||
                        std::find(c.global_blocks.begin(), c.global_blocks.end(), i) != c.global_blocks.end();
    x = tap(fmt::format("block_{}", i), block(at / "blocks" / i, c, x, global));
  }
  return channels_first(x);
}

Value encode(const Scope& at, const TinyVitConfig& c, const Value& image) { return tiny_vit(at, c, image); }

Value neck(const Scope& at, const Value& x, std::int64_t channels) {
  Value y = nn::conv2d(at / 0, x, channels, 1, {}, false);
  y = nn::layer_norm2d(at / 1, y, kNeckEps);
  nn::ConvSpec same;
  same.padding = nn::same_padding(1);
  y = nn::conv2d(at / 2, y, channels, 3, same, false);
  return nn::layer_norm2d(at / 3, y, kNeckEps);
}

}  // namespace

Value relative_positions(const Value& table, std::int64_t extent) {
  const std::int64_t distances = 2 * extent - 1, depth = table.dim(1);
  Value rows = table;
  if (table.dim(0) != distances) {
    const Value columns = reshape(transpose(table, 0, 1), {1, depth, table.dim(0), 1});
    rows =
        transpose(reshape(resize(columns, distances, 1, nn::Resample::kBilinear), {depth, distances}), 0, 1);
  }
  std::vector<std::int64_t> index;
  for (std::int64_t i = 0; i < extent; ++i)
    for (std::int64_t j = 0; j < extent; ++j) index.push_back(i - j + extent - 1);
  return reshape(gather(rows, 0, index), {extent, extent, depth});
}

Value relative_bias(const Value& q, const Value& rows, const Value& columns) {
  const std::int64_t height = rows.dim(0), width = columns.dim(0), tokens = q.dim(2),
                     maps = q.dim(0) * q.dim(1);
  const Value places = reshape(q, {maps, height, width, q.dim(3)});
  const Value y = matmul(places, rows, true);  // [maps, h, w, the key's row]
  const Value x = transpose(matmul(transpose(places, 1, 2), columns, true), 1, 2);
  return reshape(reshape(y, {maps, tokens, height, 1}) + reshape(x, {maps, tokens, 1, width}),
                 {q.dim(0), q.dim(1), tokens, tokens});
}

Value encode_image(const Scope& at, const SamConfig& config, const Value& x) {
  const Value features = std::visit([&](const auto& c) { return encode(at, c, x); }, config.encoder);
  return tap("image_embedding", neck(at / "neck", features, config.channels));
}

}  // namespace anomalyvlm::sam
