// CLIPSeg on every engine against plain double loops; names of published weights; what cannot be.
#include "models/clipseg/clipseg.h"

#include <gmock/gmock.h>

#include <cmath>

#include "errors.h"
#include "models/clip/exercise.h"
#include "models/clip/plain_clip.h"
#include "models/clipseg/architecture.h"
#include "models/random_model.h"
#include "models/shared_layouts.h"

namespace anomalyvlm::clipseg {
namespace {

using test::error_of;
using test::PlainMaps;
using test::PlainTokens;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ClipSegConfig small() {
  ClipSegConfig config;
  config.clip = test::small_clip();
  config.clip.vision.layers = 4;
  config.layers = {1, 3};
  config.channels = 6;
  config.heads = 2;
  config.feed_forward = 9;
  config.up = 5;
  return config;
}

std::shared_ptr<const WeightFile> weights_of(const ClipSegConfig& config, unsigned seed) {
  const auto decoder = test::random_weights(expected_tensors(config), seed);
  return with_clip(decoder, test::random_weights(clip::expected_tensors(config.clip), seed + 500));
}

PlainTokens plain_decoder_block(const ClipSegConfig& config, const WeightFile& weights, const std::string& at,
                                const PlainTokens& x) {
  const PlainTokens y = plain_layer_norm(
      plain_sum(x, test::plain_packed_attention(weights, at + "self_attn.", config.heads, x)), weights,
      at + "norm1", 1e-5);
  PlainTokens inner = plain_linear(y, weights, at + "linear1");
  for (double& value : inner.values) value = std::max(value, 0.0);
  return plain_layer_norm(plain_sum(y, plain_linear(inner, weights, at + "linear2")), weights, at + "norm2",
                          1e-5);
}

PlainMaps plain_transposed_conv(const PlainMaps& x, const WeightFile& weights, const std::string& name) {
  const Tensor &weight = weights.at(name + ".weight"), &bias = weights.at(name + ".bias");
  const int out = static_cast<int>(weight.dim(1)), k = static_cast<int>(weight.dim(2));
  PlainMaps y(out, x.height * k, x.width * k);
  for (int o = 0; o < out; ++o)
    for (int row = 0; row < y.height; ++row)
      for (int column = 0; column < y.width; ++column) {
        double sum = bias.floats()[o];
        for (int c = 0; c < x.channels; ++c)
          sum +=
              x.at(c, row / k, column / k) * weight.floats()[((c * out + o) * k + row % k) * k + column % k];
        y.at(o, row, column) = sum;
      }
  return y;
}

PlainMaps plain_enlarged(const ClipSegConfig& config, const WeightFile& weights, const PlainMaps& x) {
  if (!config.refined) return plain_transposed_conv(x, weights, "trans_conv");
  test::PlainWindow window{1, 1, 1, x.height, x.width};
  PlainMaps y = plain_conv(x, weights.at("trans_conv.0.weight"), window);
  for (int c = 0; c < y.channels; ++c)
    for (int i = 0; i < y.height * y.width; ++i)
      y.at(c, i / y.width, i % y.width) += weights.at("trans_conv.0.bias").floats()[c];
  y = plain_transposed_conv(plain_clamp(y, 0, 1e30), weights, "trans_conv.2");
  return plain_transposed_conv(plain_clamp(y, 0, 1e30), weights, "trans_conv.4");
}

// `read`: CLIP's layers, the first block's first.
PlainMaps plain_logits(const ClipSegConfig& config, const WeightFile& weights, const Tensor& image,
                       std::vector<float> condition, const std::vector<int>& read) {
  const std::string at = "clip_model.visual.";
  std::vector<PlainTokens> outputs = {test::plain_image_tokens(config.clip, weights, at, image)};
  for (int i = 0; i < config.clip.vision.layers; ++i)
    outputs.push_back(test::plain_clip_block(config.clip, weights,
                                             fmt::format("{}transformer.resblocks.{}.", at, i),
                                             config.clip.vision.heads, outputs.back(), false));
  PlainTokens by(1, static_cast<int>(condition.size())), x;
  by.values.assign(condition.begin(), condition.end());
  for (int i = 0; i < static_cast<int>(read.size()); ++i) {
    const PlainTokens reduced = plain_linear(outputs[read[i] + 1], weights, fmt::format("reduces.{}", i));
    x = i == 0 ? reduced : plain_sum(reduced, x);
    if (i == config.condition_block) {
      if (config.condition_channels > 0) by = plain_linear(by, weights, "reduce_cond");
      const PlainTokens times = plain_linear(by, weights, "film_mul"),
                        plus = plain_linear(by, weights, "film_add");
      for (int t = 0; t < x.count; ++t)
        for (int c = 0; c < x.channels; ++c) x.at(t, c) = times.at(0, c) * x.at(t, c) + plus.at(0, c);
    }
    x = plain_decoder_block(config, weights, fmt::format("blocks.{}.", i), x);
  }
  for (int i = 0; i < config.extra_blocks; ++i)
    x = plain_sum(x, plain_decoder_block(config, weights, fmt::format("extra_blocks.{}.", i), x));
  PlainTokens patches(x.count - 1, x.channels);
  for (int t = 0; t < patches.count; ++t)
    for (int c = 0; c < x.channels; ++c) patches.at(t, c) = x.at(t + 1, c);
  const int patch = static_cast<int>(config.clip.patch);
  return plain_enlarged(config, weights,
                        test::plain_maps(patches, static_cast<int>(image.dim(2)) / patch,
                                         static_cast<int>(image.dim(3)) / patch));
}

class ClipSegOnEngines : public testing::TestWithParam<std::string> {
 protected:
  // An image, seen through two phrases.
  void expect_plain(const ClipSegConfig& config, int height, int width, const std::vector<int>& read) {
    const auto weights = weights_of(config, 11);
    const ClipSeg model(weights,
                        nn::make_engine(GetParam(), {.device = "cpu", .disk_cache = false, .log = {}}),
                        nn::Precision::kF32, config);
    const Tensor image = test::random_tensor({1, 3, height, width}, 2),
                 conditions = test::random_tensor({2, 7}, 4);
    const Tensor got = model.probabilities(image, conditions);
    for (std::size_t phrase = 0; phrase < 2; ++phrase) {
      const auto condition = conditions.floats().subspan(phrase * 7, 7);
      const PlainMaps expected =
          plain_logits(config, *weights, image, {condition.begin(), condition.end()}, read);
      ASSERT_EQ(got.shape(), (Shape{2, 1, expected.height, expected.width}));
      for (std::size_t i = 0; i < expected.values.size(); ++i)
        ASSERT_NEAR(got.floats()[phrase * expected.values.size() + i],
                    1 / (1 + std::exp(-expected.values[i])), 5e-5)
            << i;
    }
  }
};
INSTANTIATE_TEST_SUITE_P(, ClipSegOnEngines, testing::ValuesIn(nn::engine_names()));

TEST_P(ClipSegOnEngines, IsWhatPlainLoopsCompute) { expect_plain(small(), 17, 24, {3, 1}); }

TEST_P(ClipSegOnEngines, TheRefinedDecoder) {
  ClipSegConfig config = small();
  config.refined = true;
  config.up = 8;
  expect_plain(config, 15, 15, {3, 1});
}

TEST_P(ClipSegOnEngines, OtherSettings) {
  ClipSegConfig config = small();
  config.deepest_first = false;
  config.layers = {2, 0, 1, 3};  // 0 is not read
  config.condition_block = 1;
  config.condition_channels = 5;
  config.extra_blocks = 1;
  expect_plain(config, 10, 20, {1, 2, 3});
}

TEST(ClipSeg, LayersInTheOrderOfTheirBlocks) {
  ClipSegConfig config;
  EXPECT_THAT(config.read_layers(), ElementsAre(9, 7, 3));
  config.layers = {9, 0, 3, 3, 12, 6};
  EXPECT_THAT(config.read_layers(), ElementsAre(9, 6, 3));
}

TEST(ClipSeg, WhatCannotBeIsAnError) {
  ClipSegConfig config = small();
  config.layers = {0};
  EXPECT_THAT(error_of(ErrorKind::kBadModel, [&] { expected_tensors(config); }),
              HasSubstr("0 layers of CLIP"));
  config = small();
  config.heads = 4;
  EXPECT_THAT(error_of(ErrorKind::kBadModel, [&] { expected_tensors(config); }),
              HasSubstr("6 channels for 4 heads"));
  const auto clip = test::random_weights(clip::expected_tensors(small().clip), 3);
  const ClipSeg alone(clip, nn::make_engine("openvino", {.device = "cpu", .disk_cache = false, .log = {}}),
                      nn::Precision::kF32, small());
  EXPECT_THAT(error_of(ErrorKind::kBadModel,
                       [&] {
                         alone.probabilities(Tensor::zeros({1, 3, 15, 15}), Tensor::zeros({1, 7}));
                       }),
              HasSubstr("clip_model.visual.conv1.weight"));
  EXPECT_THAT(error_of(ErrorKind::kBadInput,
                       [&] {
                         alone.conditions(test::clip_tokenizer(),
                                          {"crack", "! 1 ! 1 ! 1 ! 1 ! 1 ! 1 ! 1 ! 1 ! 1 ! 1 ! 1"});
                       }),
              HasSubstr("at most 21"));
}

TEST(ClipSeg, InputsAreNormalisedAndSquashed) {
  const Tensor input = input_of(Image{2, 1, {0, 0, 0, 255, 255, 255}}, 4);
  ASSERT_EQ(input.shape(), (Shape{1, 3, 4, 4}));
  const double black = -0.485 / 0.229, white = 0.515 / 0.229;
  EXPECT_NEAR(input.floats()[0], black, 1e-5);
  EXPECT_NEAR(input.floats()[1], black + (white - black) / 4, 1e-5);
  EXPECT_NEAR(input.floats()[3], white, 1e-5);
}

TEST(ClipSeg, NamesAreThoseOfThePublishedCheckpoints) {
  const auto file = test::shared_layout("clipseg_rd64");
  if (test::absent(file)) GTEST_SKIP() << "no " << file;
  WeightFile::Tensors all, decoder, refined, small;
  for (const auto& [name, shape] : test::read_layout(file)) {
    const Tensor tensor(DType::kF32, shape, nullptr, nullptr);
    all.emplace(name, tensor);
    if (name.starts_with("clip_model.")) continue;
    decoder.emplace(name, tensor);
    if (!name.starts_with("trans_conv.")) refined.emplace(name, tensor);
    Shape narrow = shape;  // rd16's: every 64 is a 16, every 192 a 48
    for (std::int64_t& size : narrow)
      if (size == 64 || size == 192) size /= 4;
    small.emplace(name, Tensor(DType::kF32, narrow, nullptr, nullptr));
  }
  const std::pair<const char*, Shape> layers[] = {
      {"0", {64, 64, 3, 3}}, {"2", {64, 32, 4, 4}}, {"4", {32, 1, 4, 4}}};
  for (const auto& [layer, shape] : layers) {
    refined.emplace(fmt::format("trans_conv.{}.weight", layer), Tensor(DType::kF32, shape, nullptr, nullptr));
    refined.emplace(fmt::format("trans_conv.{}.bias", layer),
                    Tensor(DType::kF32, {layer[0] == '0' ? shape[0] : shape[1]}, nullptr, nullptr));
  }
  EXPECT_NO_THROW(check_names(WeightFile("all", all), kRd64));
  EXPECT_NO_THROW(check_names(WeightFile("decoder", decoder), kRd64));
  EXPECT_NO_THROW(check_names(WeightFile("refined", refined), kRd64Refined));
  EXPECT_NO_THROW(check_names(WeightFile("small", small), kRd16));
  EXPECT_THAT(
      error_of(ErrorKind::kBadModel, [&] { check_names(WeightFile("plain", decoder), kRd64Refined); }),
      HasSubstr("trans_conv.0.weight"));
  for (const ExpectedTensor& tensor : clip::expected_tensors(ClipSegConfig::rd64().clip)) {
    const auto found = all.find("clip_model." + tensor.name);
    ASSERT_NE(found, all.end()) << tensor.name;
    EXPECT_EQ(found->second.shape(), tensor.shape) << tensor.name;
  }
}

}  // namespace
}  // namespace anomalyvlm::clipseg
