// Swin against plain double loops.
#include "models/swin/swin.h"

#include <gtest/gtest.h>

#include <cmath>

#include "anomalyvlm/error.h"
#include "models/plain_tokens.h"
#include "models/random_model.h"

namespace anomalyvlm {
namespace {

using test::PlainMaps;
using test::PlainTokens;

// ---- the same network, written again: every window looks up its own tokens and regions

struct PlainMap {
  PlainTokens tokens;  // row by row
  int height, width;
};

int rounded_up(int extent, int multiple) { return (extent + multiple - 1) / multiple * multiple; }

class PlainSwin {
 public:
  PlainSwin(const WeightFile& weights, const SwinConfig& config) : weights_(weights), c_(config) {}

  std::vector<PlainMaps> operator()(const Tensor& image) const {
    PlainMap x = patches(PlainMaps(image));
    std::vector<PlainMaps> features;
    for (std::size_t stage = 0; stage < c_.depths.size(); ++stage) {
      const std::string layer = fmt::format("layers.{}.", stage);
      for (int i = 0; i < c_.depths[stage]; ++i)
        x.tokens = block(fmt::format("{}blocks.{}.", layer, i), x, static_cast<int>(c_.heads[stage]),
                         i % 2 == 0 ? 0 : static_cast<int>(c_.window) / 2);
      if (static_cast<int>(stage) >= c_.first_stage)
        features.push_back(plain_maps(
            plain_layer_norm(x.tokens, weights_, fmt::format("norm{}", stage), 1e-5), x.height, x.width));
      if (stage + 1 < c_.depths.size()) x = merged(layer + "downsample.", x);
    }
    return features;
  }

 private:
  PlainMap patches(const PlainMaps& pixels) const {
    const auto patch = static_cast<int>(c_.patch);
    const int height = rounded_up(pixels.height, patch) / patch,
              width = rounded_up(pixels.width, patch) / patch;
    PlainTokens x = plain_tokens(
        plain_conv(pixels, weights_.at("patch_embed.proj.weight"), {patch, 0, 0, height, width}));
    for (int i = 0; i < x.count; ++i)
      for (int c = 0; c < x.channels; ++c) x.at(i, c) += weights_.at("patch_embed.proj.bias").floats()[c];
    return {c_.patch_norm ? plain_layer_norm(x, weights_, "patch_embed.norm", 1e-5) : x, height, width};
  }

  PlainTokens block(const std::string& at, const PlainMap& x, int heads, int shift) const {
    const PlainMap normed = {plain_layer_norm(x.tokens, weights_, at + "norm1", 1e-5), x.height, x.width};
    const PlainTokens y = plain_sum(x.tokens, attend(at + "attn.", normed, heads, shift));
    const PlainTokens inner =
        plain_gelu(plain_linear(plain_layer_norm(y, weights_, at + "norm2", 1e-5), weights_, at + "mlp.fc1"));
    return plain_sum(y, plain_linear(inner, weights_, at + "mlp.fc2"));
  }

  // Coordinates are those of the padded map after rolling; the map's own are `shift` further on.
  PlainTokens attend(const std::string& at, const PlainMap& x, int heads, int shift) const {
    const auto side = static_cast<int>(c_.window);
    const int height = rounded_up(x.height, side), width = rounded_up(x.width, side);
    PlainTokens out(x.tokens.count, x.tokens.channels);
    for (int top = 0; top < height; top += side) {
      for (int left = 0; left < width; left += side) {
        const auto place = [&](int i) {  // of the window's token i; -1: padding
          const int row = (top + i / side + shift) % height, column = (left + i % side + shift) % width;
          return row < x.height && column < x.width ? row * x.width + column : -1;
        };
        const auto third = [&](int i, int extent) {  // of the map, as the authors number its regions
          return i < extent - side ? 0 : i < extent - shift ? 1 : 2;
        };
        const auto region = [&](int i) {
          return 3 * third(top + i / side, height) + third(left + i % side, width);
        };
        PlainTokens window(side * side, x.tokens.channels);
        for (int i = 0; i < window.count; ++i)
          for (int c = 0; c < window.channels && place(i) >= 0; ++c)
            window.at(i, c) = x.tokens.at(place(i), c);
        const PlainTokens attended = attend_window(at, window, heads, region);
        for (int i = 0; i < window.count; ++i)
          for (int c = 0; c < window.channels && place(i) >= 0; ++c) out.at(place(i), c) = attended.at(i, c);
      }
    }
    return out;
  }

  PlainTokens attend_window(const std::string& at, const PlainTokens& x, int heads,
                            const std::function<int(int)>& region) const {
    const auto side = static_cast<int>(c_.window), depth = x.channels / heads;
    const Tensor& table = weights_.at(at + "relative_position_bias_table");
    const auto bias = [&](int h, int i, int j) {
      const int dy = i / side - j / side + side - 1, dx = i % side - j % side + side - 1;
      const double apart = region(i) == region(j) ? 0 : -100;
      return table.floats()[(dy * (2 * side - 1) + dx) * heads + h] + apart;
    };
    PlainTokens qkv = plain_linear(x, weights_, at + "qkv");
    if (c_.qk_scale != 0)  // plain_attention() divides by the root
      for (int i = 0; i < qkv.count; ++i)
        for (int c = 0; c < x.channels; ++c) qkv.at(i, c) *= c_.qk_scale * std::sqrt(depth);
    const auto head = [&](int h) {
      return test::PlainHead{h * depth, x.channels + h * depth, 2 * x.channels + h * depth};
    };
    return plain_linear(plain_attention(qkv, heads, head, bias), weights_, at + "proj");
  }

  PlainMap merged(const std::string& at, const PlainMap& x) const {
    const int height = (x.height + 1) / 2, width = (x.width + 1) / 2, channels = x.tokens.channels;
    PlainTokens squares(height * width, 4 * channels);
    for (int i = 0; i < squares.count; ++i) {
      for (int c = 0; c < squares.channels; ++c) {
        const int corner = c / channels;  // down before to the right
        const int row = i / width * 2 + corner % 2, column = i % width * 2 + corner / 2;
        if (row < x.height && column < x.width)
          squares.at(i, c) = x.tokens.at(row * x.width + column, c % channels);
      }
    }
    return {plain_linear(plain_layer_norm(squares, weights_, at + "norm", 1e-5), weights_, at + "reduction"),
            height, width};
  }

  const WeightFile& weights_;
  const SwinConfig& c_;
};

// ---- configurations

struct SwinCase {
  std::string name;
  SwinConfig config;
  int height, width;
};

SwinConfig small(std::int64_t window, std::vector<int> depths, std::vector<std::int64_t> heads) {
  SwinConfig c;
  c.channels = 4;
  c.window = window;
  c.depths = std::move(depths);
  c.heads = std::move(heads);
  c.first_stage = 0;
  return c;
}

std::vector<SwinCase> cases() {
  SwinConfig other = small(4, {2, 3}, {1, 4});
  other.patch = 3;
  other.mlp_ratio = 2.6;
  other.qkv_bias = other.patch_norm = false;
  other.qk_scale = 0.7F;
  other.first_stage = 1;
  return {{"odd sizes", small(3, {2, 3, 2}, {1, 2, 4}), 45, 70},
          {"windows that fit", small(3, {2, 2}, {2, 2}), 48, 24},
          {"maps smaller than a window", small(7, {2, 2}, {1, 2}), 9, 17},
          {"one row of windows", small(5, {2, 2}, {2, 1}), 17, 66},
          {"one column of windows", small(5, {2, 2}, {2, 1}), 66, 17},
          {"windows of two", small(2, {2, 2}, {1, 1}), 27, 21},
          {"windows of one, which are never shifted", small(1, {2, 2}, {1, 1}), 14, 9},
          {"less than a patch", small(3, {2, 2}, {1, 2}), 2, 3},
          {"a stage without blocks", small(3, {0, 1}, {1, 2}), 20, 24},
          {"other settings", other, 40, 31}};
}

nn::CompileRequest graph_of(const SwinConfig& config, const Shape& image) {
  nn::CompileRequest graph;
  graph.model = "Swin";
  graph.inputs = {{"image", image}};
  graph.function = [config](const nn::Scope& root, const std::vector<nn::Value>& in) {
    nn::NamedValues maps;
    for (const nn::Value& map : swin_features(root, config, in[0]))
      maps.emplace_back(std::to_string(maps.size()), map);
    return maps;
  };
  return graph;
}

TEST(Swin, IsWhatPlainLoopsCompute) {
  for (const SwinCase& c : cases()) {
    const nn::CompileRequest graph = graph_of(c.config, {1, 3, c.height, c.width});
    const auto weights = test::random_weights(nn::trace_signature(graph.function, graph.inputs), 17);
    const Tensor image = test::random_tensor({1, 3, c.height, c.width}, 4);
    const std::vector<PlainMaps> expected = PlainSwin(*weights, c.config)(image);
    ASSERT_EQ(expected.size(), c.config.depths.size() - static_cast<std::size_t>(c.config.first_stage));
    for (const std::string& engine : nn::engine_names()) {
      const auto got = test::run_on(engine, graph, weights, {image});
      for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_LT(relative_error(got.at(std::to_string(i)), expected[i]), 1e-5)
            << c.name << ", map " << i << " on " << engine;
    }
  }
}

TEST(Swin, ImagesOfABatchDoNotMix) {
  const SwinConfig config = cases()[0].config;
  const std::int64_t height = 45, width = 38;
  const nn::CompileRequest pair = graph_of(config, {2, 3, height, width});
  const auto weights = test::random_weights(nn::trace_signature(pair.function, pair.inputs), 3);
  const Tensor images = test::random_tensor({2, 3, height, width}, 9);
  const auto half = images.floats().subspan(static_cast<std::size_t>(images.size() / 2));
  const Tensor second = Tensor::from<float>({1, 3, height, width}, {half.begin(), half.end()});
  for (const std::string& engine : nn::engine_names()) {
    const auto both = test::run_on(engine, pair, weights, {images});
    for (const auto& [name, alone] :
         test::run_on(engine, graph_of(config, second.shape()), weights, {second})) {
      ASSERT_EQ(both.at(name).size(), 2 * alone.size()) << name;
      for (std::int64_t i = 0; i < alone.size(); ++i)
        ASSERT_NEAR(both.at(name).floats()[alone.size() + i], alone.floats()[i], 1e-4)
            << engine << ", " << name;
    }
  }
}

TEST(Swin, MapsOfThePublishedModels) {
  for (const SwinConfig& config : {SwinConfig::swin_t(), SwinConfig::swin_b()}) {
    const nn::CompileRequest graph = graph_of(config, {1, 3, 801, 1066});
    const auto maps = nn::trace_signature(graph.function, graph.inputs).outputs;
    ASSERT_EQ(maps.size(), 3U);
    EXPECT_EQ(maps[0].shape, (Shape{1, 2 * config.channels, 101, 134}));
    EXPECT_EQ(maps[1].shape, (Shape{1, 4 * config.channels, 51, 67}));
    EXPECT_EQ(maps[2].shape, (Shape{1, 8 * config.channels, 26, 34}));
  }
}

TEST(Swin, RefusesConfigsThatDoNotFit) {
  const auto trace = [](const SwinConfig& config) {
    const nn::CompileRequest graph = graph_of(config, {1, 3, 32, 32});
    nn::trace_signature(graph.function, graph.inputs);
  };
  const SwinConfig good = small(3, {1, 1}, {1, 2});
  EXPECT_NO_THROW(trace(good));
  for (const auto& spoil : std::vector<void (*)(SwinConfig&)>{
           [](SwinConfig& c) { c.heads = {1}; },
           [](SwinConfig& c) {
             c.heads = {1, 3};
           },
           [](SwinConfig& c) {
             c.heads = {0, 1};
           },
           [](SwinConfig& c) { c.depths = {1}; }, [](SwinConfig& c) { c.depths.clear(), c.heads.clear(); },
           [](SwinConfig& c) { c.first_stage = 2; }, [](SwinConfig& c) { c.first_stage = -1; },
           [](SwinConfig& c) { c.window = 0; }, [](SwinConfig& c) { c.patch = 0; }}) {
    SwinConfig bad = good;
    spoil(bad);
    EXPECT_THROW(trace(bad), Error);
  }
}

}  // namespace
}  // namespace anomalyvlm
