#include "models/clip/clip.h"

#include <algorithm>
#include <cmath>

#include "nn/layers.h"
#include "weights/vector_table.h"

namespace anomalyvlm::clip {
namespace {

using nn::Scope;
using nn::Value;

constexpr float kNeverSeen = -1e9F;  // added to a score

Value activation(const ClipConfig& config, const Value& x) {
  return config.quick_gelu ? x * sigmoid(x * 1.702F) : gelu(x);
}

Value first_tokens(const Value& x, std::int64_t count) {
  return count == x.dim(1) ? x : slice(x, 1, 0, count);
}

// Norms come before attention and before the perceptron (pre-norm). All tokens of x are seen, but of the
// result there are the first `tokens` alone.
Value block(const Scope& at, const ClipConfig& config, std::int64_t heads, const Value& x, const Value& bias,
            std::int64_t tokens) {
  const Value y = nn::layer_norm(at / "ln_1", x, config.norm_eps);
  const Value attended = first_tokens(x, tokens) +
                         nn::multi_head_attention(at / "attn", first_tokens(y, tokens), y, y, heads, bias);
  const Value z = nn::layer_norm(at / "ln_2", attended, config.norm_eps);
  const Value inner = activation(config, nn::linear(at / "mlp" / "c_fc", z, 4 * z.dim(-1)));
  return attended + nn::linear(at / "mlp" / "c_proj", inner, z.dim(-1));
}

void require_heads(const char* what, const TransformerConfig& c) {
  if (c.channels < 1 || c.layers < 0 || c.heads < 1 || c.channels % c.heads != 0)
    fail(ErrorKind::kBadModel, "CLIP's {} transformer: {} channels cannot be shared among {} heads.", what,
         c.channels, c.heads);
}

// Keys' cubic with a = -3/4, at a distance.
double cubic_weight(double x) {
  constexpr double a = -0.75;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((x - 5) * x + 8) * x * a - 4 * a : 0;
}

// [out, in]: what each of `out` places takes of `in`, the first and last of which go on for ever.
Tensor cubic_matrix(std::int64_t in, std::int64_t out) {
  Tensor matrix = Tensor::zeros({out, in});
  for (std::int64_t i = 0; i < out; ++i) {
    const double centre =
        (static_cast<double>(i) + 0.5) * static_cast<double>(in) / static_cast<double>(out) - 0.5;
    const auto first = static_cast<std::int64_t>(std::floor(centre)) - 1;
    for (std::int64_t k = first; k < first + 4; ++k)
      matrix.mutable_floats()[static_cast<std::size_t>(i * in + std::clamp<std::int64_t>(k, 0, in - 1))] +=
          static_cast<float>(cubic_weight(static_cast<double>(k) - centre));
  }
  return matrix;
}

// The class token's row first, then those of the patches.
Value positions(const Scope& at, const ClipConfig& config, std::int64_t height, std::int64_t width) {
  const std::int64_t side = config.grid(), channels = config.vision.channels;
  const Value table = at.weight("positional_embedding", {1 + side * side, channels});
  if (height == side && width == side) return table;
  const Value patches = slice(table, 0, 1, 1 + side * side);
  // Rows, then columns: [side, side C] -> [h, side, C] -> [h, w, C].
  const Value rows =
      matmul(constant(table, cubic_matrix(side, height)), reshape(patches, {side, side * channels}));
  const Value all =
      matmul(constant(table, cubic_matrix(side, width)), reshape(rows, {height, side, channels}));
  return tap("positions", nn::concat({slice(table, 0, 0, 1), reshape(all, {height * width, channels})}, 0));
}

Tensor causal_bias(std::int64_t length) {
  Tensor bias = Tensor::zeros({1, 1, length, length});
  for (std::int64_t i = 0; i < length; ++i)
    for (std::int64_t k = i + 1; k < length; ++k)
      bias.mutable_floats()[static_cast<std::size_t>(i * length + k)] = kNeverSeen;
  return bias;
}

}  // namespace

ClipConfig ClipConfig::vit_b_16_plus_240() {
  ClipConfig config;
  config.embedding = 640;
  config.image_size = 240;
  config.vision = {896, 12, 14};
  config.text = {640, 12, 10};
  config.quick_gelu = false;
  config.special_tokens = SpecialTokens::kOpenClip;
  return config;
}

std::string ClipConfig::description() const {
  return fmt::format(
      "CLIP, embedding {}, image {}, patch {}, vision {} {} {}, text {} {} {} {} {}, {} GELU, eps {}",
      embedding, image_size, patch, vision.channels, vision.layers, vision.heads, text.channels, text.layers,
      text.heads, context, vocabulary, quick_gelu ? "quick" : "exact", norm_eps);
}

Value image_tokens(const Scope& at, const ClipConfig& config, const Value& x) {
  require_heads("vision", config.vision);
  if (config.patch < 1 || config.image_size < config.patch || x.rank() != 4 || x.dim(2) < config.patch ||
      x.dim(3) < config.patch)
    fail(ErrorKind::kBadModel, "CLIP: images {} are not of [B, 3, H, W] with a patch of {} pixels or more.",
         to_string(x.shape), config.patch);
  const std::int64_t channels = config.vision.channels;
  nn::ConvSpec patches;
  patches.stride = config.patch;
  const Value cells = nn::conv2d(at / "conv1", x, channels, config.patch, patches, /*bias=*/false);
  const std::int64_t height = cells.dim(2), width = cells.dim(3);
  const Value tokens = transpose(reshape(cells, {x.dim(0), channels, height * width}), 1, 2);
  const Value first = broadcast_to(reshape(at.weight("class_embedding", {channels}), {1, 1, channels}),
                                   {x.dim(0), 1, channels});
  const Value placed = nn::concat({first, tokens}, 1) + positions(at, config, height, width);
  return tap("ln_pre", nn::layer_norm(at / "ln_pre", placed, config.norm_eps));
}

Value image_transformer(const Scope& at, const ClipConfig& config, const Value& tokens,
                        const VisitLayer& visit) {
  Value x = tokens;
  for (int i = 0; i < config.vision.layers; ++i) {
    x = tap(fmt::format("block_{}", i),
            block(at / "transformer" / "resblocks" / i, config, config.vision.heads, x, {}, x.dim(1)));
    if (visit) visit(i, x);
  }
  return x;
}

Value image_projection(const Scope& at, const ClipConfig& config, const Value& tokens) {
  return matmul(nn::layer_norm(at / "ln_post", tokens, config.norm_eps),
                at.weight("proj", {config.vision.channels, config.embedding}));
}

Value image_vector(const Scope& at, const ClipConfig& config, const Value& tokens) {
  Value x = tokens;
  for (int i = 0; i < config.vision.layers; ++i)
    x = block(at / "transformer" / "resblocks" / i, config, config.vision.heads, x, {},
              i + 1 < config.vision.layers ? x.dim(1) : 1);
  return image_projection(at, config, reshape(first_tokens(x, 1), {x.dim(0), config.vision.channels}));
}

Value encode_windows(const Scope& at, const ClipConfig& config, const Value& tokens,
                     const std::vector<std::int64_t>& cells, std::int64_t cells_of_each) {
  AVLM_CHECK(tokens.dim(0) == 1 && cells_of_each > 0 && !cells.empty() &&
             static_cast<std::int64_t>(cells.size()) % cells_of_each == 0);
  const std::int64_t windows = static_cast<std::int64_t>(cells.size()) / cells_of_each,
                     channels = tokens.dim(2);
  std::vector<std::int64_t> places;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i % static_cast<std::size_t>(cells_of_each) == 0) places.push_back(0);  // the class token
    places.push_back(1 + cells[i]);
  }
  return image_vector(at, config, reshape(gather(tokens, 1, places), {windows, 1 + cells_of_each, channels}));
}

Value encode_image(const Scope& at, const ClipConfig& config, const Value& x) {
  const Value tokens = image_transformer(at, config, image_tokens(at, config, x));
  return image_projection(at, config, reshape(slice(tokens, 1, 0, 1), {x.dim(0), config.vision.channels}));
}

Tensor token_embeddings(const WeightFile& weights, const std::string& prefix, const Tensor& ids) {
  AVLM_CHECK(ids.rank() == 2);
  const VectorTable table(weights,
                          prefix.empty() ? "token_embedding.weight" : prefix + ".token_embedding.weight");
  Tensor out = Tensor::zeros({ids.dim(0), ids.dim(1), table.channels()});
  const auto width = static_cast<std::size_t>(table.channels());
  for (std::size_t i = 0; i < static_cast<std::size_t>(ids.size()); ++i)
    table.add_row(ids.values<std::int64_t>()[i], out.mutable_floats().subspan(i * width, width));
  weights.require_unchanged();
  return out;
}

Value text_states(const Scope& at, const ClipConfig& config, const Value& embeddings) {
  require_heads("text", config.text);
  const std::int64_t length = embeddings.dim(1), channels = config.text.channels;
  if (length > config.context)
    fail(ErrorKind::kBadModel, "CLIP: a text of {} tokens, but there are positions for {}.", length,
         config.context);
  const Value table = at.weight("positional_embedding", {config.context, channels});
  const Value bias = constant(embeddings, causal_bias(length));
  Value x = embeddings + slice(table, 0, 0, length);
  for (int i = 0; i < config.text.layers; ++i)
    x = block(at / "transformer" / "resblocks" / i, config, config.text.heads, x, bias, length);
  return tap("text_states", nn::layer_norm(at / "ln_final", x, config.norm_eps));
}

Value text_projection(const Scope& at, const ClipConfig& config, const Value& states, const Value& place) {
  const Value end = reshape(matmul(place, states), {states.dim(0), config.text.channels});
  return matmul(end, at.weight("text_projection", {config.text.channels, config.embedding}));
}

std::vector<std::int64_t> ends_of_texts(const Tensor& ids) {
  AVLM_CHECK(ids.rank() == 2 && ids.dim(1) > 0);
  std::vector<std::int64_t> ends;
  const auto length = static_cast<std::size_t>(ids.dim(1));
  for (std::size_t begin = 0; begin < static_cast<std::size_t>(ids.size()); begin += length) {
    const auto text = ids.values<std::int64_t>().subspan(begin, length);
    ends.push_back(std::max_element(text.begin(), text.end()) - text.begin());
  }
  return ends;
}

Tensor end_places(const Tensor& ids, std::int64_t length) {
  const std::vector<std::int64_t> ends = ends_of_texts(ids);
  Tensor places = Tensor::zeros({ids.dim(0), 1, length});
  for (std::size_t i = 0; i < ends.size(); ++i) {
    AVLM_CHECK(ends[i] < length);
    places.mutable_floats()[i * static_cast<std::size_t>(length) + static_cast<std::size_t>(ends[i])] = 1;
  }
  return places;
}

std::vector<ExpectedTensor> expected_tensors(const ClipConfig& config) {
  const auto both = [&](const Scope& root, const std::vector<Value>& inputs) {
    return nn::NamedValues{
        {"image", encode_image(root / "visual", config, inputs[0])},
        {"text", text_projection(root, config, text_states(root, config, inputs[1]), inputs[2])}};
  };
  std::vector<ExpectedTensor> all =
      nn::trace_signature(both, {{"image", {1, 3, config.image_size, config.image_size}},
                                 {"embeddings", {1, config.context, config.text.channels}},
                                 {"place", {1, 1, config.context}}})
          .weights;
  all.push_back({"token_embedding.weight", {config.vocabulary, config.text.channels}});
  return all;
}

// The last three are in OpenAI's files alone: numbers that the shapes tell.
std::vector<std::string> ignorable_tensors() {
  return {"logit_scale", "attn_mask", "input_resolution", "context_length", "vocab_size"};
}

}  // namespace anomalyvlm::clip
