// CLIP on every engine against plain double loops; names of published weights; what cannot be.
#include "models/clip/clip.h"

#include <gmock/gmock.h>

#include <random>

#include "anomalyvlm/error.h"
#include "errors.h"
#include "models/clip/architecture.h"
#include "models/clip/image_encoder.h"
#include "models/clip/image_input.h"
#include "models/clip/plain_clip.h"
#include "models/clip/text_encoder.h"
#include "models/random_model.h"
#include "models/shared_layouts.h"

namespace anomalyvlm::clip {
namespace {

using test::error_of;
using test::PlainTokens;
using ::testing::AllOf;
using ::testing::HasSubstr;

void expect_near(std::span<const float> got, const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], tolerance) << i;
}

// Each text: start, some words, end, zeros.
Tensor random_ids(const ClipConfig& config, std::int64_t texts, std::int64_t longest, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::int64_t> ids;
  for (std::int64_t i = 0; i < texts; ++i) {
    std::vector<std::int64_t> text = {config.vocabulary - 2};
    for (std::int64_t n = static_cast<std::int64_t>(random() % static_cast<unsigned>(longest - 1)); n > 0;
         --n)
      text.push_back(static_cast<std::int64_t>(random() % static_cast<unsigned>(config.vocabulary - 2)));
    text.push_back(config.vocabulary - 1);
    text.resize(static_cast<std::size_t>(config.context));
    ids.insert(ids.end(), text.begin(), text.end());
  }
  return Tensor::from<std::int64_t>({texts, config.context}, std::move(ids));
}

std::vector<std::int64_t> row(const Tensor& ids, std::int64_t i) {
  const auto all = ids.values<std::int64_t>().subspan(static_cast<std::size_t>(i * ids.dim(1)),
                                                      static_cast<std::size_t>(ids.dim(1)));
  return {all.begin(), all.end()};
}

class ClipOnEngines : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(, ClipOnEngines, testing::ValuesIn(nn::engine_names()));

// The grid that positions are for, and others: larger, smaller, oblong, with pixels left over.
TEST_P(ClipOnEngines, ImagesAreWhatPlainLoopsCompute) {
  for (const auto& [height, width] : {std::pair{15, 15}, {17, 31}, {10, 24}, {5, 5}}) {
    const ClipConfig config = test::small_clip(height != 10);
    const auto weights = test::random_weights(expected_tensors(config), 5);
    const Tensor image = test::random_tensor({2, 3, height, width}, 3);
    nn::CompileRequest graph;
    graph.model = "CLIP";
    graph.inputs = {{"image", image.shape()}};
    graph.function = [config](const nn::Scope& root, const std::vector<nn::Value>& in) {
      return nn::NamedValues{{"out", encode_image(root / "visual", config, in[0])}};
    };
    const auto out = test::run_on(GetParam(), graph, weights, {image});
    const auto pixels = static_cast<std::size_t>(3 * height * width);
    const Tensor second = Tensor::from<float>(
        {1, 3, height, width},
        {image.floats().begin() + static_cast<std::ptrdiff_t>(pixels), image.floats().end()});
    const PlainTokens tokens = test::plain_image_tokens(config, *weights, "visual.", second);
    const auto got_tokens = out.at("ln_pre").floats().subspan(tokens.values.size());
    expect_near(got_tokens, tokens.values, 2e-5);
    const PlainTokens last = test::plain_image_layers(config, *weights, "visual.", tokens);
    expect_near(out.at("block_2").floats().subspan(last.values.size()), last.values, 1e-4);
    expect_near(out.at("out").floats().subspan(7),
                test::plain_image_vector(config, *weights, "visual.", last, 0), 1e-4);
  }
}

TEST_P(ClipOnEngines, TextsAreWhatPlainLoopsComputeInBatchesOfAnySize) {
  const ClipConfig config = test::small_clip(false);
  const auto weights = test::random_weights(expected_tensors(config), 7);
  const TextEncoder encoder(weights,
                            nn::make_engine(GetParam(), {.device = "cpu", .disk_cache = false, .log = {}}),
                            nn::Precision::kF32, config);
  for (const std::int64_t count : {1, 3, 35}) {
    const Tensor ids = random_ids(config, count, count == 3 ? 21 : 9, static_cast<unsigned>(count));
    const Tensor vectors = encoder.vectors(ids);
    ASSERT_EQ(vectors.shape(), (Shape{count, 7}));
    for (std::int64_t i = 0; i<count; i += count> 3 ? 17 : 1)
      expect_near(vectors.floats().subspan(static_cast<std::size_t>(7 * i), 7),
                  test::plain_text_vector(config, *weights, "", row(ids, i)), 1e-4);
  }
}

// Windows that do not cover the grid, on a grid of its own size and an oblong one.
TEST_P(ClipOnEngines, WindowsAreEncodedByThemselves) {
  const ClipConfig config = test::small_clip(false);
  const auto weights = test::random_weights(expected_tensors(config), 9);
  const ImageEncoder encoder(weights,
                             nn::make_engine(GetParam(), {.device = "cpu", .disk_cache = false, .log = {}}),
                             nn::Precision::kF32, config);
  for (const auto& [height, width] : {std::pair{15, 15}, {20, 31}}) {
    const Tensor image = test::random_tensor({1, 3, height, width}, 8);
    const Windows kinds[] = {{2, 1}, {2, 2}, {1, 3}};
    const std::vector<Tensor> got = encoder.vectors(image, kinds);
    ASSERT_EQ(got.size(), 4U);
    const PlainTokens tokens = test::plain_image_tokens(config, *weights, "visual.", image);
    const auto vector_of = [&](const PlainTokens& some) {
      return test::plain_image_vector(config, *weights, "visual.",
                                      test::plain_image_layers(config, *weights, "visual.", some), 0);
    };
    expect_near(got[0].floats(), vector_of(tokens), 1e-4);
    const int rows = height / 5, columns = width / 5;
    for (int k = 0; k < 3; ++k) {
      std::size_t n = 0;
      const int side = static_cast<int>(kinds[k].side), stride = static_cast<int>(kinds[k].stride);
      for (int top = 0; top + side <= rows; top += stride)
        for (int left = 0; left + side <= columns; left += stride, ++n) {
          PlainTokens window(1 + side * side, tokens.channels);
          for (int c = 0; c < tokens.channels; ++c) {
            window.at(0, c) = tokens.at(0, c);
            for (int i = 0; i < side * side; ++i)
              window.at(1 + i, c) = tokens.at(1 + (top + i / side) * columns + left + i % side, c);
          }
          ASSERT_LT(n, static_cast<std::size_t>(got[k + 1].dim(0)));
          expect_near(got[k + 1].floats().subspan(7 * n, 7), vector_of(window), 1e-4);
        }
      EXPECT_EQ(n, static_cast<std::size_t>(got[k + 1].dim(0)));
    }
  }
}

TEST(Clip, WindowsMustFit) {
  EXPECT_THAT(patches_of({2, 2}, {3, 5}), testing::ElementsAre(0, 1, 5, 6, 2, 3, 7, 8));
  for (const Windows& none : {Windows{0, 1}, {1, 0}, {4, 1}})
    EXPECT_THAT(error_of(ErrorKind::kBadInput,
                         [&] {
                           patches_of(none, {3, 5});
                         }),
                HasSubstr("5 x 3 patches"));
}

TEST(Clip, TextsEndAtTheFirstPlaceOfTheirHighestNumber) {
  const Tensor ids = Tensor::from<std::int64_t>({2, 4}, {8, 9, 2, 9, 8, 1, 2, 9});
  EXPECT_THAT(ends_of_texts(ids), testing::ElementsAre(1, 3));
  EXPECT_THAT(end_places(ids, 4).floats(), testing::ElementsAre(0, 1, 0, 0, 0, 0, 0, 1));
}

TEST(Clip, TokensBeyondTheVocabularyAreAnError) {
  const ClipConfig config = test::small_clip();
  const auto weights = test::random_weights(expected_tensors(config), 7);
  const auto ids = [](std::int64_t id) { return Tensor::from<std::int64_t>({1, 1}, {id}); };
  EXPECT_NO_THROW(token_embeddings(*weights, "", ids(30)));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { token_embeddings(*weights, "", ids(31)); }),
              HasSubstr("Row 31"));
  EXPECT_THAT(error_of(ErrorKind::kBadModel, [&] { token_embeddings(*weights, "clip_model", ids(1)); }),
              HasSubstr("clip_model.token_embedding.weight"));
}

TEST(Clip, WhatCannotBeIsAnError) {
  ClipConfig config = test::small_clip();
  const auto trace = [&](const Shape& image) {
    return error_of(ErrorKind::kBadModel, [&] {
      nn::trace_signature(
          [&](const nn::Scope& root, const std::vector<nn::Value>& in) {
            return nn::NamedValues{{"out", encode_image(root / "visual", config, in[0])}};
          },
          {{"image", image}});
    });
  };
  EXPECT_THAT(trace({1, 3, 4, 60}), HasSubstr("patch of 5 pixels"));
  EXPECT_THAT(trace({3, 15, 15}), HasSubstr("[B, 3, H, W]"));
  config.vision.heads = 5;
  EXPECT_THAT(trace({1, 3, 15, 15}), HasSubstr("12 channels cannot be shared among 5 heads"));
}

TEST(Clip, ImagesAreSquaresOfTheMiddle) {
  Image image{30, 20, {}};
  for (int i = 0; i < 30 * 20; ++i)
    image.rgb.insert(image.rgb.end(), 3, static_cast<std::uint8_t>(8 * (i % 30)));
  const Image square = centred_input(image, 20);
  ASSERT_EQ(square.width, 20);
  ASSERT_EQ(square.height, 20);
  for (int x = 0; x < 20; ++x) EXPECT_EQ(square.row(7)[3 * x], 8 * (x + 5));
  EXPECT_EQ(squashed_input(image, 12).width, 12);
  const Tensor input = normalised(Image{1, 1, {255, 0, 128}});
  EXPECT_NEAR(input.floats()[0], (1 - 0.48145466) / 0.26862954, 1e-5);
  EXPECT_NEAR(input.floats()[1], -0.4578275 / 0.26130258, 1e-5);
  EXPECT_NEAR(input.floats()[2], (128 / 255.0 - 0.40821073) / 0.27577711, 1e-5);
}

std::shared_ptr<const WeightFile> layout_of(const std::filesystem::path& file) {
  WeightFile::Tensors tensors;
  for (const auto& [tensor, shape] : test::read_layout(file))
    tensors.emplace(tensor, Tensor(DType::kF32, shape, nullptr, nullptr));
  return std::make_shared<const WeightFile>(file.filename().string(), std::move(tensors));
}

TEST(Clip, NamesAreThoseOfThePublishedCheckpoints) {
  const auto openai = test::shared_layout("clip_vit_b16_openai"),
             openclip = test::shared_layout("clip_vit_b16_plus_240_openclip");
  for (const auto& file : {openai, openclip})
    if (test::absent(file)) GTEST_SKIP() << "no " << file;
  EXPECT_NO_THROW(check_names(*layout_of(openai), kVitB16));
  EXPECT_NO_THROW(check_names(*layout_of(openclip), kVitB16Plus240));
  EXPECT_THAT(error_of(ErrorKind::kBadModel, [&] { check_names(*layout_of(openai), kVitB16Plus240); }),
              AllOf(HasSubstr("clip_vit_b16_openai"), HasSubstr("clip-vit-b-16-plus-240")));
}

}  // namespace
}  // namespace anomalyvlm::clip
