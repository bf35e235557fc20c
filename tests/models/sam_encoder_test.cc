// SAM's image encoder, ViT and TinyViT, against plain double loops.
#include "models/sam/image_encoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "anomalyvlm/error.h"
#include "models/plain_tokens.h"
#include "models/random_model.h"
#include "models/sam/graphs.h"

namespace anomalyvlm {
namespace {

using test::PlainMaps;
using test::PlainTokens;

// ---- the same networks, written again

PlainMaps with_bias(PlainMaps x, const Tensor& bias) {
  for (int c = 0; c < x.channels; ++c)
    for (int i = 0; i < x.height * x.width; ++i) x.at(c, i / x.width, i % x.width) += bias.floats()[c];
  return x;
}

PlainMaps plain_neck(const WeightFile& weights, const PlainMaps& x) {
  const auto norm = [&](const PlainMaps& y, const std::string& name) {
    return plain_maps(plain_layer_norm(plain_tokens(y), weights, name, 1e-6), y.height, y.width);
  };
  const std::string at = "image_encoder.neck.";
  PlainMaps y = norm(plain_conv(x, weights.at(at + "0.weight"), {1, 0, 0, x.height, x.width}), at + "1");
  return norm(plain_conv(y, weights.at(at + "2.weight"), {1, 1, 1, x.height, x.width}), at + "3");
}

// Row `distance + extent - 1` of a table that was made for `rows` distances, stretched to 2 extent - 1.
double table_entry(const Tensor& table, int extent, int distance, int channel) {
  const auto rows = static_cast<int>(table.dim(0)), depth = static_cast<int>(table.dim(1));
  const double at = std::clamp((distance + extent - 0.5) * rows / (2.0 * extent - 1) - 0.5, 0.0, rows - 1.0);
  const int below = static_cast<int>(at), above = std::min(below + 1, rows - 1);
  const double share = at - below;
  return (1 - share) * table.floats()[below * depth + channel] +
         share * table.floats()[above * depth + channel];
}

class PlainVit {
 public:
  PlainVit(const WeightFile& weights, const SamVitConfig& config) : weights_(weights), c_(config) {}

  PlainMaps operator()(const Tensor& image) const {
    const auto patch = static_cast<int>(c_.patch);
    const PlainMaps pixels(image);
    const int height = pixels.height / patch, width = pixels.width / patch;
    const std::string at = "image_encoder.patch_embed.proj.";
    PlainTokens x =
        plain_tokens(with_bias(plain_conv(pixels, weights_.at(at + "weight"), {patch, 0, 0, height, width}),
                               weights_.at(at + "bias")));
    if (c_.absolute_positions)
      for (std::size_t i = 0; i < x.values.size(); ++i)
        x.values[i] += weights_.at("image_encoder.pos_embed").floats()[i];
    for (int i = 0; i < c_.depth; ++i) x = block(i, x, height, width);
    return plain_neck(weights_, plain_maps(x, height, width));
  }

 private:
  PlainTokens block(int index, const PlainTokens& x, int height, int width) const {
    const std::string at = fmt::format("image_encoder.blocks.{}.", index);
    const bool global = std::count(c_.global_blocks.begin(), c_.global_blocks.end(), index) > 0;
    const auto side = static_cast<int>(c_.window);
    const PlainTokens y = plain_layer_norm(x, weights_, at + "norm1", c_.norm_eps);
    const auto attend_windows = [&](const PlainTokens& w) { return attend(at + "attn.", w, side, side); };
    const PlainTokens z =
        plain_sum(x, global || side == 0 ? attend(at + "attn.", y, height, width)
                                         : plain_windows(y, height, width, side, attend_windows));
    const PlainTokens inner = plain_gelu(
        plain_linear(plain_layer_norm(z, weights_, at + "norm2", c_.norm_eps), weights_, at + "mlp.lin1"));
    return plain_sum(z, plain_linear(inner, weights_, at + "mlp.lin2"));
  }

  PlainTokens attend(const std::string& at, const PlainTokens& x, int height, int width) const {
    const PlainTokens qkv = plain_linear(x, weights_, at + "qkv");
    const auto heads = static_cast<int>(c_.heads), depth = x.channels / heads;
    const auto bias = [&](int h, int i, int j) {
      double sum = 0;
      for (int d = 0; d < depth && c_.relative_positions; ++d)
        sum += qkv.at(i, h * depth + d) *
               (table_entry(weights_.at(at + "rel_pos_h"), height, i / width - j / width, d) +
                table_entry(weights_.at(at + "rel_pos_w"), width, i % width - j % width, d));
      return sum;
    };
    const auto head = [&](int h) {
      return test::PlainHead{h * depth, x.channels + h * depth, 2 * x.channels + h * depth};
    };
    return plain_linear(plain_attention(qkv, heads, head, bias), weights_, at + "proj");
  }

  const WeightFile& weights_;
  const SamVitConfig& c_;
};

class PlainTinyVit {
 public:
  PlainTinyVit(const WeightFile& weights, const TinyVitConfig& config) : weights_(weights), c_(config) {}

  PlainMaps operator()(const Tensor& image) const {
    const std::string at = "image_encoder.";
    PlainMaps x = plain_gelu(unit(at + "patch_embed.seq.0", PlainMaps(image), 2));
    x = unit(at + "patch_embed.seq.2", x, 2);
    for (std::size_t stage = 0; stage < c_.dims.size(); ++stage) {
      const std::string layer = fmt::format("{}layers.{}.", at, stage);
      for (int i = 0; i < c_.depths[stage]; ++i) {
        const std::string here = fmt::format("{}blocks.{}.", layer, i);
        x = stage == 0 ? inverted_residual(here, x) : block(here, x, stage);
      }
      if (stage + 1 < c_.dims.size())
        x = merged(layer + "downsample.", x, static_cast<int>(c_.merge_strides[stage]));
    }
    return plain_neck(weights_, x);
  }

 private:
  PlainMaps unit(const std::string& at, const PlainMaps& x, int stride = 1) const {
    const Tensor& weight = weights_.at(at + ".c.weight");
    const auto half = static_cast<int>(weight.dim(2)) / 2;
    const auto out = [&](int extent) { return (extent + stride - 1) / stride; };
    return plain_norm(plain_conv(x, weight, {stride, half, half, out(x.height), out(x.width)}), weights_,
                      at + ".bn", 1e-5);
  }

  PlainMaps inverted_residual(const std::string& at, const PlainMaps& x) const {
    const PlainMaps y = plain_gelu(unit(at + "conv2", plain_gelu(unit(at + "conv1", x))));
    return plain_gelu(test::plain_sum(x, unit(at + "conv3", y)));
  }

  PlainMaps merged(const std::string& at, const PlainMaps& x, int stride) const {
    return unit(at + "conv3", plain_gelu(unit(at + "conv2", plain_gelu(unit(at + "conv1", x)), stride)));
  }

  PlainMaps block(const std::string& at, const PlainMaps& map, std::size_t stage) const {
    const PlainTokens x = plain_tokens(map);
    const auto attend_window = [&](const PlainTokens& w) { return attend(at + "attn.", w, stage); };
    const PlainTokens y = plain_sum(
        x, plain_windows(x, map.height, map.width, static_cast<int>(c_.windows[stage]), attend_window));
    const PlainTokens z = plain_tokens(unit(at + "local_conv", plain_maps(y, map.height, map.width)));
    const PlainTokens inner = plain_gelu(
        plain_linear(plain_layer_norm(z, weights_, at + "mlp.norm", 1e-5), weights_, at + "mlp.fc1"));
    return plain_maps(plain_sum(z, plain_linear(inner, weights_, at + "mlp.fc2")), map.height, map.width);
  }

  PlainTokens attend(const std::string& at, const PlainTokens& x, std::size_t stage) const {
    const auto heads = static_cast<int>(c_.heads[stage]), depth = x.channels / heads,
               side = static_cast<int>(c_.windows[stage]);
    const Tensor& biases = weights_.at(at + "attention_biases");
    const auto bias = [&](int h, int i, int j) {
      const int dy = std::abs(i / side - j / side), dx = std::abs(i % side - j % side);
      return static_cast<double>(biases.floats()[h * side * side + dy * side + dx]);
    };
    const auto head = [&](int h) {
      return test::PlainHead{3 * h * depth, (3 * h + 1) * depth, (3 * h + 2) * depth};
    };
    const PlainTokens qkv =
        plain_linear(plain_layer_norm(x, weights_, at + "norm", 1e-5), weights_, at + "qkv");
    return plain_linear(plain_attention(qkv, heads, head, bias), weights_, at + "proj");
  }

  const WeightFile& weights_;
  const TinyVitConfig& c_;
};

// ---- configurations

struct EncoderCase {
  std::string name;
  SamConfig config;
  int height, width;
};

SamConfig small(std::variant<SamVitConfig, TinyVitConfig> encoder) {
  SamConfig config;
  config.encoder = std::move(encoder);
  config.channels = 8;
  return config;
}

SamVitConfig small_vit(std::int64_t image_size, std::int64_t window, std::vector<int> global_blocks) {
  SamVitConfig c;
  c.image_size = image_size;
  c.patch = 4;
  c.channels = 12;
  c.depth = 2;
  c.heads = 3;
  c.mlp_ratio = 1.5;
  c.window = window;
  c.global_blocks = std::move(global_blocks);
  return c;
}

std::vector<EncoderCase> vit_cases() {
  SamVitConfig plain = small_vit(28, 3, {0});
  plain.qkv_bias = plain.relative_positions = false;
  plain.norm_eps = 1e-2F;
  SamVitConfig free = small_vit(32, 3, {1});
  free.absolute_positions = false;
  return {{"padded windows", small(small_vit(28, 3, {1})), 28, 28},
          {"windows that fit", small(small_vit(24, 3, {})), 24, 24},
          {"a window larger than the map", small(small_vit(20, 7, {1})), 20, 20},
          {"no windows", small(small_vit(20, 0, {})), 20, 20},
          {"no bias, no relative positions", small(plain), 28, 28},
          {"tables stretched to a map that is not square", small(free), 20, 44},
          {"tables shrunk", small(free), 16, 8}};
}

std::vector<EncoderCase> tiny_vit_cases() {
  TinyVitConfig c;
  c.image_size = 64;
  c.dims = {4, 6, 8, 12};
  c.depths = {1, 2, 1, 1};
  c.heads = {1, 2, 4, 3};
  c.windows = {3, 3, 4, 2};
  c.mlp_ratio = 2.5;
  TinyVitConfig wide = c;
  wide.conv_expansion = 2.5;
  wide.local_conv = 5;
  wide.merge_strides = {2, 1, 2};
  TinyVitConfig shallow;
  shallow.dims = {4, 6};
  shallow.depths = {0, 1};
  shallow.heads = shallow.windows = {1, 3};
  shallow.merge_strides = {2};
  return {{"padded windows", small(c), 64, 64},
          {"odd sizes", small(c), 45, 70},
          {"other strides and kernels", small(wide), 32, 48},
          {"two stages", small(shallow), 33, 17}};
}

template <typename Plain, typename Config>
void expect_same(const std::vector<EncoderCase>& cases) {
  for (const EncoderCase& c : cases) {
    const nn::CompileRequest graph = sam::image_graph(c.config, {1, 3, c.height, c.width});
    const auto weights = test::random_weights(nn::trace_signature(graph.function, graph.inputs), 17);
    const Tensor image = test::random_tensor({1, 3, c.height, c.width}, 4);
    const PlainMaps expected = Plain(*weights, std::get<Config>(c.config.encoder))(image);
    for (const std::string& engine : nn::engine_names())
      EXPECT_LT(relative_error(test::run_on(engine, graph, weights, {image}).at("embedding"), expected), 1e-5)
          << c.name << " on " << engine;
  }
}

TEST(SamEncoder, VitIsWhatPlainLoopsCompute) { expect_same<PlainVit, SamVitConfig>(vit_cases()); }

TEST(SamEncoder, TinyVitIsWhatPlainLoopsCompute) {
  expect_same<PlainTinyVit, TinyVitConfig>(tiny_vit_cases());
}

TEST(SamEncoder, ImagesOfABatchDoNotMix) {
  for (const SamConfig& config : {vit_cases()[0].config, tiny_vit_cases()[0].config}) {
    const std::int64_t side = config.image_size(), pixels = 3 * side * side;
    const nn::CompileRequest graph = sam::image_graph(config, {2, 3, side, side});
    const auto weights = test::random_weights(nn::trace_signature(graph.function, graph.inputs), 3);
    const Tensor images = test::random_tensor({2, 3, side, side}, 9);
    const float* second = images.floats().data() + pixels;
    const Tensor image = Tensor::from<float>({1, 3, side, side}, {second, second + pixels});
    for (const std::string& engine : nn::engine_names()) {
      const Tensor both = test::run_on(engine, graph, weights, {images}).at("embedding");
      const Tensor alone =
          test::run_on(engine, sam::image_graph(config, image.shape()), weights, {image}).at("embedding");
      for (std::int64_t i = 0; i < alone.size(); ++i)
        ASSERT_NEAR(both.floats()[alone.size() + i], alone.floats()[i], 1e-4) << engine << ", " << i;
    }
  }
}

// So many places that attention takes two of the three heads, then one.
TEST(SamEncoder, LargeMapsAreWhatPlainLoopsCompute) {
  SamVitConfig vit = small_vit(156, 0, {});
  vit.depth = 1;
  vit.channels = 6;
  vit.patch = 3;
  vit.absolute_positions = false;
  expect_same<PlainVit, SamVitConfig>({{"large", small(vit), 156, 153}});
}

TEST(SamEncoder, GridIsThatOfTheEmbedding) {
  std::vector<EncoderCase> cases = vit_cases(), tiny = tiny_vit_cases();
  cases.insert(cases.end(), tiny.begin(), tiny.end());
  for (const SamConfig& config :
       {SamConfig::vit_t(), SamConfig::vit_b(), SamConfig::vit_l(), SamConfig::vit_h()}) {
    EXPECT_EQ(config.grid_size(), 64);
    EXPECT_EQ(config.image_size(), 1024);
  }
  for (const EncoderCase& c : cases) {
    const std::int64_t side = c.config.image_size();
    const nn::CompileRequest graph = sam::image_graph(c.config, {1, 3, side, side});
    const Shape embedding = nn::trace_signature(graph.function, graph.inputs).outputs[0].shape;
    EXPECT_EQ(embedding, (Shape{1, 8, c.config.grid_size(), c.config.grid_size()})) << c.name;
  }
}

TEST(SamEncoder, RefusesImagesAndListsThatDoNotFit) {
  const auto trace = [](const SamConfig& config, const Shape& image) {
    const nn::CompileRequest graph = sam::image_graph(config, image);
    nn::trace_signature(graph.function, graph.inputs);
  };
  EXPECT_THROW(trace(SamConfig::vit_b(), {1, 3, 1024, 768}), Error) << "absolute positions are of a square";
  TinyVitConfig uneven;
  uneven.merge_strides = {2, 2};
  EXPECT_THROW(trace(small(uneven), {1, 3, 64, 64}), Error);
  EXPECT_NO_THROW(trace(SamConfig::vit_t(), {1, 3, 64, 96}));
}

}  // namespace
}  // namespace anomalyvlm
