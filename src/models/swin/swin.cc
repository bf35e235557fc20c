#include "models/swin/swin.h"

#include <cmath>

#include "nn/layers.h"
#include "nn/windows.h"

namespace anomalyvlm {
namespace {

using nn::Scope;
using nn::Value;

constexpr float kNormEps = 1e-5F;
// Added to scores between tokens that only share a window because the map was rolled. The authors' value:
// it is finite, so a score that is far above the others is still seen.
constexpr float kApart = -100;

Value patch_embed(const Scope& at, const SwinConfig& c, const Value& image) {
  const Value full = nn::pad_to_multiple(nn::pad_to_multiple(image, 2, c.patch), 3, c.patch);
  nn::ConvSpec patches;
  patches.stride = c.patch;
  const Value x = channels_last(nn::conv2d(at / "proj", full, c.channels, c.patch, patches));
  return c.patch_norm ? nn::layer_norm(at / "norm", x, kNormEps) : x;
}

// One learned number for each head and each offset (dy, dx) between two tokens of a window: [heads, T, T].
Value relative_bias(const Scope& at, std::int64_t heads, std::int64_t window) {
  const std::int64_t offsets = 2 * window - 1, tokens = window * window;
  std::vector<std::int64_t> index;
  for (std::int64_t query = 0; query < tokens; ++query) {
    for (std::int64_t key = 0; key < tokens; ++key) {
      const std::int64_t dy = query / window - key / window, dx = query % window - key % window;
      index.push_back((dy + window - 1) * offsets + dx + window - 1);
    }
  }
  const Value table = at.weight("relative_position_bias_table", {offsets * offsets, heads});
  return permute(reshape(gather(table, 0, index), {tokens, tokens, heads}), {2, 0, 1});
}

// A run of windows along an axis. `seam`: they hold the end of the map and, in their last `shift` lines, its
// beginning, which was rolled there.
struct Run {
  std::int64_t begin, end;
  bool seam;
};

std::vector<Run> runs_of(std::int64_t windows, bool shifted) {
  if (!shifted) return {{0, windows, false}};
  if (windows == 1) return {{0, 1, true}};
  return {{0, windows - 1, false}, {windows - 1, windows, true}};
}

Value part_of(const Value& x, int axis, const Run& run) {
  return run.end - run.begin == x.dim(axis) ? x : slice(x, axis, run.begin, run.end);
}

// kApart between tokens on different sides of a window's seams, 0 elsewhere: [T, T].
Tensor seam_bias(std::int64_t window, std::int64_t shift, bool across_rows, bool across_columns) {
  const std::int64_t tokens = window * window;
  const auto side = [&](std::int64_t token) {
    const bool below = across_rows && token / window >= window - shift;
    const bool right = across_columns && token % window >= window - shift;
    return 2 * below + right;
  };
  std::vector<float> bias;
  for (std::int64_t a = 0; a < tokens; ++a)
    for (std::int64_t b = 0; b < tokens; ++b) bias.push_back(side(a) == side(b) ? 0 : kApart);
  return Tensor::from<float>({tokens, tokens}, std::move(bias));
}

// qkv [..., T, 3 C] -> [..., T, C].
Value attend(const Value& qkv, std::int64_t heads, float qk_scale, const Value& bias) {
  const std::int64_t tokens = qkv.dim(-2), channels = qkv.dim(-1) / 3, depth = channels / heads;
  const Value windows = reshape(qkv, {-1, tokens, 3 * channels});
  const auto part = [&](std::int64_t i) {
    return nn::split_heads(slice(windows, -1, i * channels, (i + 1) * channels), heads);
  };
  const auto usual = static_cast<float>(1 / std::sqrt(static_cast<double>(depth)));
  Shape shape = qkv.shape;
  shape.back() = channels;
  return reshape(
      nn::merge_heads(nn::attention(part(0), part(1), part(2), qk_scale != 0 ? qk_scale : usual, bias)),
      shape);
}

// x [B, H, W, C] of whole windows, rolled by `shift`. Windows attend in up to four groups that share a bias:
// one for each window would take 400 MB in Swin-B at 800 x 1066 pixels, and no less time.
Value window_attention(const Scope& at, const SwinConfig& c, const Value& x, std::int64_t heads,
                       std::int64_t shift) {
  const std::int64_t window = c.window, rows = x.dim(1) / window, columns = x.dim(2) / window;
  const std::int64_t channels = x.dim(3), tokens = window * window;
  const Value cut = nn::split_windows(x, window);
  const Value qkv = reshape(nn::linear(at / "qkv", cut, 3 * channels, c.qkv_bias),
                            {x.dim(0), rows, columns, tokens, 3 * channels});
  const Value relative = relative_bias(at, heads, window);
  std::vector<Value> bands;
  for (const Run& down : runs_of(rows, shift > 0)) {
    const Value band = part_of(qkv, 1, down);
    std::vector<Value> groups;
    for (const Run& right : runs_of(columns, shift > 0)) {
      Value bias = relative;
      if (down.seam || right.seam) bias = bias + constant(x, seam_bias(window, shift, down.seam, right.seam));
      groups.push_back(attend(part_of(band, 2, right), heads, c.qk_scale, bias));
    }
    bands.push_back(nn::concat(groups, 2));
  }
  const Value y = nn::linear(at / "proj", reshape(nn::concat(bands, 1), cut.shape), channels);
  return nn::merge_windows(y, x.shape);
}

// x [B, H, W, C]. Tokens that pad the map to whole windows are zeros after the norm and take part; the shift
// stays what it is where the map is smaller than a window.
Value shifted_attention(const Scope& at, const SwinConfig& c, const Value& x, std::int64_t heads,
                        std::int64_t shift) {
  const auto rolled = [](const Value& map, std::int64_t by) {
    return by == 0 ? map : roll(roll(map, 1, by), 2, by);
  };
  const Value full = nn::pad_to_multiple(nn::pad_to_multiple(x, 1, c.window), 2, c.window);
  const Value y = rolled(window_attention(at, c, rolled(full, -shift), heads, shift), shift);
  return nn::crop_to(nn::crop_to(y, 1, x.dim(1)), 2, x.dim(2));
}

Value mlp(const Scope& at, const SwinConfig& c, const Value& x) {
  const auto inner = static_cast<std::int64_t>(static_cast<double>(x.dim(-1)) * c.mlp_ratio);
  return nn::linear(at / "fc2", gelu(nn::linear(at / "fc1", x, inner)), x.dim(-1));
}

Value block(const Scope& at, const SwinConfig& c, const Value& x, std::int64_t heads, std::int64_t shift) {
  const Value y =
      x + shifted_attention(at / "attn", c, nn::layer_norm(at / "norm1", x, kNormEps), heads, shift);
  return y + mlp(at / "mlp", c, nn::layer_norm(at / "norm2", y, kNormEps));
}

// x [B, H, W, C] -> [B, H / 2, W / 2, 2 C]: each square of 2 x 2 tokens becomes one.
Value patch_merging(const Scope& at, const Value& x) {
  const Value full = nn::pad_to_multiple(nn::pad_to_multiple(x, 1, 2), 2, 2);
  const auto every_second = [&](std::int64_t y, std::int64_t column) {
    return slice(slice(full, 1, y, full.dim(1), 2), 2, column, full.dim(2), 2);
  };
  const Value squares =
      nn::concat({every_second(0, 0), every_second(1, 0), every_second(0, 1), every_second(1, 1)}, 3);
  return nn::linear(at / "reduction", nn::layer_norm(at / "norm", squares, kNormEps), 2 * x.dim(3), false);
}

void require_config(const SwinConfig& c) {
  const std::size_t stages = c.depths.size();
  if (stages == 0 || c.heads.size() != stages)
    fail(ErrorKind::kBadModel, "Swin: depths and heads must have one entry for each stage, not {} and {}.",
         stages, c.heads.size());
  if (c.first_stage < 0 || c.first_stage >= static_cast<int>(stages))
    fail(ErrorKind::kBadModel, "Swin: the first stage of the features is {}, but the stages are 0 to {}.",
         c.first_stage, stages - 1);
  if (c.window < 1 || c.patch < 1)
    fail(ErrorKind::kBadModel, "Swin: windows of {} tokens and patches of {} pixels a side cannot be.",
         c.window, c.patch);
  for (std::size_t i = 0; i < stages; ++i)
    if (c.heads[i] < 1 || (c.channels << i) % c.heads[i] != 0)
      fail(ErrorKind::kBadModel, "Swin: {} heads do not divide the {} channels of stage {}.", c.heads[i],
           c.channels << i, i);
}

}  // namespace

SwinConfig SwinConfig::swin_t() { return {}; }

SwinConfig SwinConfig::swin_b() {
  SwinConfig config;
  config.channels = 128;
  config.depths = {2, 2, 18, 2};
  config.heads = {4, 8, 16, 32};
  config.window = 12;
  return config;
}

std::vector<Value> swin_features(const Scope& at, const SwinConfig& config, const Value& image) {
  require_config(config);
  Value x = tap("patch_embed", patch_embed(at / "patch_embed", config, image));
  std::vector<Value> features;
  const int last = static_cast<int>(config.depths.size()) - 1;
  for (int stage = 0; stage <= last; ++stage) {
    const auto s = static_cast<std::size_t>(stage);
    const Scope layer = at / "layers" / stage;
    for (int i = 0; i < config.depths[s]; ++i) {
      const std::int64_t shift = i % 2 == 0 ? 0 : config.window / 2;
      x = block(layer / "blocks" / i, config, x, config.heads[s], shift);
    }
    tap(fmt::format("stage{}", stage), x);
    if (stage >= config.first_stage)
      features.push_back(channels_first(nn::layer_norm(at / fmt::format("norm{}", stage), x, kNormEps)));
    if (stage < last) x = patch_merging(layer / "downsample", x);
  }
  return features;
}

std::vector<std::string> swin_ignorable(const std::string& prefix) {
  return {fmt::format("{}{}layers.*.attn.relative_position_index", prefix, prefix.empty() ? "" : ".")};
}

}  // namespace anomalyvlm
