#include "models/nano/network.h"

#include <cmath>

#include "nn/layers.h"

namespace anomalyvlm::nano {
namespace {

using nn::Scope;
using nn::Value;

constexpr float kEps = 1e-5F;
constexpr std::int64_t kContext = 192, kContextHeads = 6;
constexpr int kContextBlocks = 3;

// Convolution, norm, ReLU.
struct Unit {
  const NetworkConfig& config;

  Value operator()(const Scope& at, const Value& x, std::int64_t out, std::int64_t kernel) const {
    const nn::ConvSpec spec = {1, nn::same_padding(kernel / 2)};
    const Value y = nn::conv2d(at / "conv", x, out, kernel, spec, config.folded_norm);
    return relu(config.folded_norm ? y : nn::batch_norm(at / "norm", y, kEps));
  }
};

Value resized_like(const Value& x, const Value& like) {
  return resize(x, like.dim(2), like.dim(3), nn::Resample::kBilinear);
}

Value halved_maximum(const Value& x) { return max_pool2d(x, {2, 2, {}}); }

// x plus a learned correction, which is zero at first: the trainer initialises its last weights with zeros.
Value corrected(const Scope& at, const Unit& unit, const Value& x, const Value& seen, std::int64_t inner) {
  return x + nn::conv2d(at / "out", unit(at / "in", seen, inner, 3), x.dim(1), 1);
}

// A context block: a wide depthwise convolution, global self-attention, then an MLP. Without position
// embeddings it takes images of any size; positions are known only from the padding at the borders.
Value context_block(const Scope& at, const Value& x, std::int64_t heads) {
  constexpr std::int64_t kNear = 7, kWider = 2;
  const std::int64_t c = x.dim(1);
  const Value near = x + nn::conv2d(at / "near", x, c, kNear, {1, nn::same_padding(kNear / 2), 1, c});
  Value tokens = transpose(reshape(near, {x.dim(0), c, -1}), 1, 2);
  const Value asked = nn::layer_norm(at / "norm1", tokens, kEps);
  tokens = tokens + nn::multi_head_attention(at / "attention", asked, asked, asked, heads);
  const Value inner = gelu(nn::linear(at / "widen", nn::layer_norm(at / "norm2", tokens, kEps), kWider * c));
  tokens = tokens + nn::linear(at / "narrow", inner, c);
  return reshape(transpose(tokens, 1, 2), x.shape);
}

// Cosine distance of every location to one vector an image, [B, 1, H, W].
Value distance_to(const Value& unit_features, const Value& vector) {
  return 1.0F - sum(unit_features * l2_normalize(vector, 1), {1}, true);
}

// A map, standardised over the image.
Value standardized(const Value& map) {
  const Value centred = map - mean(map, {2, 3}, true);
  const Value deviation = sqrt(mean(centred * centred, {2, 3}, true) + 1e-8F);
  return clamp(centred / (deviation + 0.02F), -3, 6) * 0.5F;
}

struct SelfSimilarity {
  Value channels;  // [B, 7, H, W], about 0 .. 3
  Value saliency;  // [B, 1, H, W], mean distance to the 64 nearest
};

// How far each location is from those most like it. Cosine distances of the features as they are (not
// centred, not divided by the image's maximum) mean the same in every image: to the mean, to the mean without
// outliers, to the 8 and 64 nearest, to the 64 nearest further away.
SelfSimilarity self_similarity(const Value& x) {
  const Value centre = mean(x, {2, 3}, true), offset = x - centre;
  const Value spread = sqrt(sum(offset * offset, {1}, true) + 1e-12F);
  const Value weight = exp(spread / mean(spread, {2, 3}, true) * -2.0F);
  const Value robust_centre = sum(x * weight, {2, 3}, true) / sum(weight, {2, 3}, true);
  const Value unit_features = l2_normalize(x, 1);
  const Value to_centre = distance_to(unit_features, centre);
  const Value near = neighbour_distance(x, {{8, 0}, {64, 0}, {64, 2}});
  const Value distances = nn::concat({to_centre, distance_to(unit_features, robust_centre), near}, 1);
  const Value own = nn::concat({standardized(to_centre), standardized(slice(near, 1, 2, 3))}, 1);
  return {nn::concat({distances * 3.0F, own}, 1), slice(near, 1, 1, 2)};
}

Value without_mean(const Value& x) { return x - mean(x, {2, 3}, true); }

// The mean of the cells that exist, without padding.
Value near_mean(const Value& x) {
  const nn::PoolSpec spec = {3, 1, nn::same_padding(1)};
  const Tensor ones = Tensor::from<float>(
      {1, 1, x.dim(2), x.dim(3)}, std::vector<float>(static_cast<std::size_t>(x.dim(2) * x.dim(3)), 1));
  return avg_pool2d(x, spec) / avg_pool2d(nn::constant(x, ones), spec);
}

// What the decoder learns from references. Every part corrects the network that does without them.
struct Comparison {
  Value fine;    // [B, 64, H/8, W/8]
  Value coarse;  // [B, 64, H/16, W/16]
};

constexpr std::int64_t kCompared = 64;

// Distances as they are, relative to the image, and the image's mean: where everything is far from the
// references they are of another product, and mean nothing. Beside them what the image says by itself.
Comparison compare(const Scope& at, const Unit& unit, const Value& references, const SelfSimilarity& s8,
                   const SelfSimilarity& s16) {
  const Value average = broadcast_to(mean(references, {2, 3}, true), references.shape);
  const Value seen = nn::concat({references * 3.0F, average * 3.0F, standardized(references), s8.channels,
                                 resized_like(s16.channels, references)},
                                1);
  const Value fine = unit(at / "fine" / 1, unit(at / "fine" / 0, seen, kCompared, 3), kCompared, 3);
  const Value pooled = nn::concat({halved_maximum(fine), avg_pool2d(fine, {2, 2, {}})}, 1);
  const Value coarse = unit(at / "coarse" / 1, unit(at / "coarse" / 0, pooled, kCompared, 3), kCompared, 3);
  return {fine, coarse};
}

}  // namespace

std::vector<Shape> feature_shapes(std::int64_t height, std::int64_t width) {
  return {{1, 16, height / 2, width / 2},
          {1, 24, height / 4, width / 4},
          {1, 40, height / 8, width / 8},
          {1, 112, height / 16, width / 16},
          {1, 320, height / 32, width / 32}};
}

Value descriptors(const std::vector<Value>& features) {
  const Value fine = l2_normalize(near_mean(features[2]), 1);
  const Value coarse = l2_normalize(near_mean(features[3]), 1);
  return nn::concat({fine, l2_normalize(resized_like(coarse, fine), 1)}, 1) * std::sqrt(0.5F);
}

bool reads_references(const WeightFile& weights) {
  return weights.find("decoder.references.defect.out.weight") != nullptr;
}

std::vector<Value> encode(const Scope& root, const Value& image) {
  EfficientNetLiteConfig config = EfficientNetLiteConfig::lite0();
  config.folded_norm = true;
  return efficientnet_lite_features(root / "encoder", config, (image - 127.0F) / 128.0F);
}

Heads decode(const Scope& root, const NetworkConfig& config, const std::vector<Value>& features,
             const std::optional<Value>& references) {
  const Scope at = root / "decoder", from_references = at / "references";
  const Unit unit{config};
  const SelfSimilarity s4 = self_similarity(avg_pool2d(features[1], {2, 2, {}}));  // on stride 8's grid
  const SelfSimilarity s8 = self_similarity(features[2]), s16 = self_similarity(features[3]);

  const Value c1 = without_mean(features[0]), c2 = without_mean(features[1]), c3 = without_mean(features[2]);
  const Value c4 = without_mean(features[3]), c5 = without_mean(features[4]);
  const SelfSimilarity s32 = self_similarity(features[4]);
  Value y = nn::concat({c5, s32.channels, halved_maximum(s16.channels)}, 1);
  y = unit(at / "top" / 1, unit(at / "top" / 0, y, 112, 1), 112, 3);
  y = unit(at / "top" / 2, y, 112, 3);  // wide defects: their inside is recognised by what is far outside
  const Value seen4 = nn::concat({resized_like(y, c4), unit(at / "lateral4", c4, 64, 1),
                                  halved_maximum(s4.channels), halved_maximum(s8.channels), s16.channels},
                                 1);
  y = unit(at / "up4" / 1, unit(at / "up4" / 0, seen4, 96, 3), 96, 3);

  std::optional<Comparison> compared;
  if (references) compared = compare(from_references, unit, *references, s8, s16);
  const auto correct = [&](const char* where, const Value& x, const std::vector<Value>& seen, int inner) {
    return corrected(from_references / where, unit, x, nn::concat(seen, 1), inner);
  };

  // Whether one half of the image, or one part, is the odd one out shows only in the context of the rest.
  Value context = nn::conv2d(at / "context" / "in", nn::concat({y, seen4}, 1), kContext, 1);
  if (compared) context = correct("context", context, {context, compared->coarse}, 96);
  for (int k = 0; k < kContextBlocks; ++k)
    context = context_block(at / "context" / "blocks" / k, context, kContextHeads);
  y = y + nn::conv2d(at / "context" / "out", context, 96, 1);
  const Value context8 = resized_like(context, c3);

  y = nn::concat({resized_like(y, c3), c3, s4.channels, s8.channels, resized_like(s16.channels, c3)}, 1);
  Value y3 = unit(at / "up3" / 1, unit(at / "up3" / 0, y, 64, 3), 64, 3);
  y3 = corrected(at / "more3", unit, y3, nn::concat({y3, context8}, 1), 128);
  if (compared) y3 = correct("up3", y3, {y3, compared->fine}, 96);
  y = nn::concat({resized_like(unit(at / "narrow2", y3, 32, 1), c2), c2}, 1);
  y = unit(at / "up2", y, 32, 3);
  y = corrected(at / "more2", unit, y, y, 64);
  y = nn::concat({resized_like(unit(at / "narrow1", y, 16, 1), c1), c1}, 1);
  y = unit(at / "up1", y, 16, 3);
  Value defect = nn::conv2d(at / "defect", y, 1, 1);
  if (compared) {
    const Value narrow = unit(from_references / "narrow", compared->fine, 16, 1);
    defect = correct("defect", defect, {y, resized_like(narrow, y)}, 16);
  }

  // The kind of a defect shows in its fine structure as well: this head gets the encoder's features directly.
  const Value look =
      nn::concat({y3, features[2], resized_like(features[3], c3), avg_pool2d(features[1], {2, 2, {}}),
                  halved_maximum(features[1]), s8.channels},
                 1);
  const Value first = unit(at / "kind" / 0, look, 160, 1);
  Value words = unit(at / "kind" / 2, first + unit(at / "kind" / 1, first, 160, 3), 160, 3);
  const Value wide = unit(at / "more_kind" / 0, nn::concat({words, context8}, 1), 192, 3);
  words = corrected(at / "more_kind" / 1, unit, words, wide, 192);
  return {defect, nn::conv2d(at / "object", words, 1, 1),
          nn::conv2d(at / "embedding", words, config.embedding, 1),
          (s8.saliency + resized_like(s16.saliency, c3) * 2.0F + resized_like(s32.saliency, c3)) * 0.25F};
}

nn::NamedValues outputs_of(const Heads& heads) {
  return {{"defect", heads.defect},
          {"object", heads.object},
          {"embedding", heads.embedding},
          {"saliency", heads.saliency}};
}

nn::NamedValues network(const Scope& root, const NetworkConfig& config, const Value& image,
                        const std::optional<Value>& references) {
  return outputs_of(decode(root, config, encode(root, image), references));
}

WeightFile::Tensors fold_norms(const WeightFile::Tensors& trained) {
  WeightFile::Tensors folded;
  for (const auto& [name, tensor] : trained) {
    if (name.find(".norm.") == std::string::npos) folded.insert_or_assign(name, tensor);
  }
  for (const auto& [name, gamma] : trained) {
    const std::string ending = ".norm.weight";
    if (name.size() < ending.size() || name.compare(name.size() - ending.size(), ending.size(), ending) != 0)
      continue;
    const std::string base = name.substr(0, name.size() - ending.size());
    const Tensor& conv = trained.at(base + ".conv.weight");
    const auto vector = [&](const char* which) { return trained.at(base + ".norm." + which).floats(); };
    std::vector<float> weight(conv.floats().begin(), conv.floats().end()), bias;
    const std::size_t per_channel = weight.size() / static_cast<std::size_t>(conv.dim(0));
    for (std::size_t c = 0; c < static_cast<std::size_t>(conv.dim(0)); ++c) {
      const float scale = gamma.floats()[c] / std::sqrt(vector("running_var")[c] + kEps);
      for (std::size_t k = 0; k < per_channel; ++k) weight[c * per_channel + k] *= scale;
      bias.push_back(vector("bias")[c] - vector("running_mean")[c] * scale);
    }
    folded[base + ".conv.weight"] = Tensor::from<float>(conv.shape(), std::move(weight));
    folded[base + ".conv.bias"] = Tensor::from<float>({conv.dim(0)}, std::move(bias));
  }
  return folded;
}

}  // namespace anomalyvlm::nano
