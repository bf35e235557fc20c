// DINOv2 on every engine against plain double loops, and what cannot be.
#include "models/dinov2/dinov2.h"

#include <gmock/gmock.h>

#include <cmath>

#include "errors.h"
#include "models/dinov2/patch_features.h"
#include "models/dinov2/positions.h"
#include "models/dinov2/small_dinov2.h"
#include "models/plain_tokens.h"

namespace anomalyvlm::dinov2 {
namespace {

using test::error_of;
using test::PlainMaps;
using test::PlainTokens;
using ::testing::HasSubstr;

// ---- the same network, written again

PlainTokens plain_scaled(PlainTokens x, const Tensor& factors) {
  for (int i = 0; i < x.count; ++i)
    for (int c = 0; c < x.channels; ++c) x.at(i, c) *= factors.floats()[c];
  return x;
}

PlainTokens plain_feed_forward(const Dinov2Config& config, const WeightFile& weights, const std::string& at,
                               const PlainTokens& x) {
  if (config.feed_forward == FeedForward::kMlp)
    return plain_linear(plain_gelu(plain_linear(x, weights, at + "fc1")), weights, at + "fc2");
  const PlainTokens both = plain_linear(x, weights, at + "w12");
  PlainTokens gated(x.count, both.channels / 2);
  for (int i = 0; i < x.count; ++i)
    for (int c = 0; c < gated.channels; ++c)
      gated.at(i, c) = both.at(i, c) / (1 + std::exp(-both.at(i, c))) * both.at(i, gated.channels + c);
  return plain_linear(gated, weights, at + "w3");
}

PlainTokens plain_block(const Dinov2Config& config, const WeightFile& weights, int index,
                        const PlainTokens& x) {
  const std::string at = fmt::format("blocks.{}.", index);
  const int c = x.channels, heads = static_cast<int>(config.heads), depth = c / heads;
  const PlainTokens qkv =
      plain_linear(plain_layer_norm(x, weights, at + "norm1", 1e-6), weights, at + "attn.qkv");
  const PlainTokens attended = plain_attention(
      qkv, heads,
      [&](int h) {
        return test::PlainHead{h * depth, c + h * depth, 2 * c + h * depth};
      },
      [](int, int, int) { return 0.0; });
  const PlainTokens y = plain_sum(
      x, plain_scaled(plain_linear(attended, weights, at + "attn.proj"), weights.at(at + "ls1.gamma")));
  const PlainTokens inner = plain_layer_norm(y, weights, at + "norm2", 1e-6);
  return plain_sum(
      y, plain_scaled(plain_feed_forward(config, weights, at + "mlp.", inner), weights.at(at + "ls2.gamma")));
}

PlainTokens plain_image_tokens(const Dinov2Config& config, const WeightFile& weights, const Tensor& image) {
  const PlainMaps pixels(image);
  test::PlainWindow window;
  window.stride = static_cast<int>(config.patch);
  window.out_height = pixels.height / window.stride;
  window.out_width = pixels.width / window.stride;
  const PlainTokens cells = plain_tokens(plain_conv(pixels, weights.at("patch_embed.proj.weight"), window));
  const Tensor places = positions(weights, config, {window.out_height, window.out_width});
  const int registers = static_cast<int>(config.registers);
  PlainTokens x(1 + registers + cells.count, cells.channels);
  for (int c = 0; c < x.channels; ++c) {
    const auto place = [&](int i) { return places.floats()[static_cast<std::size_t>(i * x.channels + c)]; };
    x.at(0, c) = weights.at("cls_token").floats()[c] + place(0);
    for (int r = 0; r < registers; ++r)
      x.at(1 + r, c) = weights.at("register_tokens").floats()[static_cast<std::size_t>(r * x.channels + c)];
    for (int i = 0; i < cells.count; ++i)
      x.at(1 + registers + i, c) =
          cells.at(i, c) + weights.at("patch_embed.proj.bias").floats()[c] + place(1 + i);
  }
  return x;
}

// Through the final norm: [channels, h, w].
PlainMaps plain_patch_map(const Dinov2Config& config, const WeightFile& weights, const PlainTokens& x,
                          int height, int width) {
  const PlainTokens normed = plain_layer_norm(x, weights, "norm", 1e-6);
  PlainTokens patches(height * width, x.channels);
  for (int i = 0; i < patches.count; ++i)
    for (int c = 0; c < x.channels; ++c)
      patches.at(i, c) = normed.at(1 + static_cast<int>(config.registers) + i, c);
  return plain_maps(patches, height, width);
}

// ---- on engines

class Dinov2OnEngines : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(, Dinov2OnEngines, testing::ValuesIn(nn::engine_names()));

// Image `index` of a batch [B, ...].
Tensor one_of(const Tensor& batch, std::int64_t index) {
  Shape shape = batch.shape();
  shape[0] = 1;
  const auto size = static_cast<std::size_t>(element_count(shape));
  const auto values = batch.floats().subspan(static_cast<std::size_t>(index) * size, size);
  return Tensor::from<float>(std::move(shape), {values.begin(), values.end()});
}

// The trained grid and others, with and without registers, with both kinds of feed-forward.
TEST_P(Dinov2OnEngines, MapsAreWhatPlainLoopsCompute) {
  for (const auto& [registers, feed_forward, height, width] : {std::tuple{0, FeedForward::kMlp, 3, 3},
                                                               {0, FeedForward::kSwiGlu, 2, 5},
                                                               {4, FeedForward::kMlp, 5, 4},
                                                               {1, FeedForward::kSwiGlu, 1, 1}}) {
    SCOPED_TRACE(fmt::format("{} registers, {} x {}", registers, height, width));
    const Dinov2Config config = test::small_dinov2(registers, feed_forward);
    const auto weights = test::small_weights(config);
    const PatchFeatures features(
        weights, nn::make_engine(GetParam(), {.device = "cpu", .disk_cache = false, .log = {}}),
        nn::Precision::kF32, config);
    const Tensor images = test::random_tensor({2, 3, 5 * height, 5 * width}, 8);
    const std::vector<Tensor> got = features.maps(images, {0, 2});
    ASSERT_EQ(got.size(), 2U);
    ASSERT_EQ(got[1].shape(), (Shape{2, 12, height, width}));
    for (const std::int64_t image : {0, 1}) {
      PlainTokens x = plain_image_tokens(config, *weights, one_of(images, image));
      for (int block = 0; block < 3; ++block) {
        x = plain_block(config, *weights, block, x);
        if (block == 1) continue;  // not asked for
        const PlainMaps expected = plain_patch_map(config, *weights, x, height, width);
        EXPECT_LT(relative_error(one_of(got[block == 0 ? 0 : 1], image), expected), 2e-5) << block;
      }
    }
  }
}

// ---- what cannot be

std::string trace_error(ErrorKind kind, const Dinov2Config& config, const Shape& image, const Shape& places,
                        const std::vector<int>& blocks) {
  return error_of(kind, [&] {
    nn::trace_signature(
        [&](const nn::Scope& root, const std::vector<nn::Value>& in) {
          return nn::NamedValues{{"out", block_maps(root, config, in[0], in[1], blocks).back()}};
        },
        {{"image", image}, {"positions", places}});
  });
}

TEST(Dinov2, ImagesAreWholePatches) {
  const Dinov2Config config = test::small_dinov2();
  EXPECT_EQ(grid_of(config, {2, 3, 10, 35}), (Extent{2, 7}));
  for (const Shape& wrong : {Shape{1, 3, 10, 12}, {1, 3, 0, 10}, {3, 10, 10}})
    EXPECT_THAT(trace_error(ErrorKind::kBadInput, config, wrong, {1, 5, 12}, {2}),
                HasSubstr("multiples of 5 pixels"));
}

TEST(Dinov2, WhatCannotBeIsAnError) {
  const Dinov2Config config = test::small_dinov2();
  for (const std::vector<int>& wrong : {std::vector<int>{}, {3}, {-1, 2}, {2, 1}, {1, 1}})
    EXPECT_THAT(trace_error(ErrorKind::kBadModel, config, {1, 3, 10, 10}, {1, 5, 12}, wrong),
                HasSubstr("ascending numbers from 0 to 2"));
  Dinov2Config other = config;
  other.heads = 5;
  EXPECT_THAT(trace_error(ErrorKind::kBadModel, other, {1, 3, 10, 10}, {1, 5, 12}, {2}),
              HasSubstr("12 channels cannot be shared among 5 heads"));
  other = config;
  other.registers = -1;
  EXPECT_THAT(trace_error(ErrorKind::kBadModel, other, {1, 3, 10, 10}, {1, 5, 12}, {2}),
              HasSubstr("-1 registers cannot be"));
  EXPECT_THAT(trace_error(ErrorKind::kBadModel, config, {1, 3, 10, 10}, {1, 6, 12}, {2}),
              HasSubstr("[1, 6, 12]"));
}

TEST(Dinov2, WeightsThatAreMissingAreNamed) {
  const Dinov2Config config = test::small_dinov2();
  WeightFile::Tensors tensors = test::small_weights(config)->tensors();
  tensors.erase("blocks.1.ls2.gamma");
  tensors.at("norm.bias") = Tensor::zeros({11});
  const auto damaged = std::make_shared<const WeightFile>("damaged.pth", std::move(tensors));
  const PatchFeatures features(damaged, nn::make_engine(), nn::Precision::kF32, config);
  EXPECT_THAT(
      error_of(ErrorKind::kBadModel,
               [&] {
                 features.maps(Tensor::zeros({1, 3, 10, 10}), {2});
               }),
      testing::AllOf(HasSubstr("damaged.pth"), HasSubstr("blocks.1.ls2.gamma"), HasSubstr("norm.bias")));
}

}  // namespace
}  // namespace anomalyvlm::dinov2
