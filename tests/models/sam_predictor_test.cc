// The predictor: batches, order, sizes, threads, refusals.
#include "models/sam/predictor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "anomalyvlm/error.h"
#include "models/random_model.h"
#include "models/small_sam.h"

namespace anomalyvlm {
namespace {

using sam::Embedding;
using sam::MaskLogits;
using sam::Prompt;
using ::testing::HasSubstr;

std::shared_ptr<const WeightFile> weights_of(const SamConfig& config) {
  return test::random_weights(sam::expected_tensors(config), 77);
}

sam::Predictor predictor_on(const std::string& engine, nn::Precision precision = nn::Precision::kF32) {
  const SamConfig config = test::small_sam(64);
  return {weights_of(config), nn::make_engine(engine, {.device = "cpu", .disk_cache = false}), precision,
          config};
}

Image ramp(int width, int height) {
  Image image{width, height, {}};
  for (int i = 0; i < 3 * width * height; ++i) image.rgb.push_back(static_cast<std::uint8_t>(i * 7 % 251));
  return image;
}

void expect_near(const Tensor& a, const Tensor& b, const std::string& what) {
  ASSERT_EQ(a.shape(), b.shape()) << what;
  for (std::int64_t i = 0; i < a.size(); ++i)
    ASSERT_NEAR(a.floats()[i], b.floats()[i], 1e-4 + 1e-4 * std::abs(b.floats()[i])) << what;
}

// Boxes, points and masks in turn: of four shapes, each often enough for batches that are full and not.
std::vector<Prompt> mixed_prompts() {
  std::vector<Prompt> prompts;
  for (int i = 0; i < 26; ++i) {
    const auto at = static_cast<float>(i);
    Prompt prompt;
    if (i % 4 != 1) prompt.box = Box{at, 2, at + 20, 30 + at};
    if (i % 4 == 1) prompt.points = {{at, 5}, {3, at, sam::kBackground}};
    if (i % 4 == 2) prompt.points = {{20, at}};
    if (i % 4 == 3) prompt.mask = test::random_tensor({16, 16}, static_cast<unsigned>(i));
    prompts.push_back(prompt);
  }
  return prompts;
}

TEST(SamPredictor, AnswersAreThoseOfEachPromptAlone) {
  for (const std::string& engine : nn::engine_names()) {
    const sam::Predictor predictor = predictor_on(engine);
    const Embedding embedding = predictor.embed(ramp(50, 40));
    const std::vector<Prompt> prompts = mixed_prompts();
    for (const bool several : {false, true}) {
      const std::vector<MaskLogits> together = predictor.predict(embedding, prompts, several);
      ASSERT_EQ(together.size(), prompts.size());
      for (std::size_t i = 0; i < prompts.size(); ++i) {
        const MaskLogits alone = predictor.predict(embedding, std::span(&prompts[i], 1), several)[0];
        ASSERT_EQ(together[i].quality.size(), several ? 3u : 1u);
        expect_near(together[i].logits, alone.logits, fmt::format("prompt {} on {}", i, engine));
        for (std::size_t m = 0; m < alone.quality.size(); ++m)
          EXPECT_NEAR(together[i].quality[m], alone.quality[m], 1e-4);
      }
    }
    EXPECT_TRUE(predictor.predict(embedding, {}).empty());
  }
}

TEST(SamPredictor, EnginesAgree) {
  std::vector<MaskLogits> first;
  for (const std::string& engine : nn::engine_names()) {
    const sam::Predictor predictor = predictor_on(engine);
    const std::vector<MaskLogits> answers = predictor.predict(predictor.embed(ramp(31, 77)), mixed_prompts());
    if (first.empty()) first = answers;
    for (std::size_t i = 0; i < answers.size(); ++i) expect_near(answers[i].logits, first[i].logits, engine);
  }
}

// Places of pixels do not survive bfloat16, so they must not be computed in it.
TEST(SamPredictor, HalfPrecisionIsNear) {
  if (!nn::make_engine()->supports(nn::Precision::kBF16)) GTEST_SKIP() << "this CPU has no bfloat16";
  const sam::Predictor exact = predictor_on("openvino"),
                       half = predictor_on("openvino", nn::Precision::kBF16);
  const Embedding embedding = exact.embed(ramp(50, 40));
  const std::vector<Prompt> prompts = mixed_prompts();
  const std::vector<MaskLogits> expected = exact.predict(embedding, prompts),
                                got = half.predict(embedding, prompts);
  double squares = 0, differences = 0;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    for (std::int64_t k = 0; k < expected[i].logits.size(); ++k) {
      squares += std::pow(expected[i].logits.floats()[k], 2);
      differences += std::pow(got[i].logits.floats()[k] - expected[i].logits.floats()[k], 2);
    }
  }
  EXPECT_GT(differences, 0);
  EXPECT_LT(std::sqrt(differences / squares), 0.03);
  RecordProperty("relative", std::to_string(std::sqrt(differences / squares)));
}

TEST(SamPredictor, PlacesFollowTheImagesSize) {
  const sam::Predictor predictor = predictor_on("openvino");
  struct Case {
    int width, height, fitted_width, fitted_height;
  };
  for (const Case& c : {Case{128, 96, 64, 48}, Case{50, 40, 64, 51}, Case{64, 64, 64, 64},
                        Case{1, 900, 1, 64}, Case{333, 1, 64, 1}}) {
    const Embedding embedding = predictor.embed(ramp(c.width, c.height));
    EXPECT_EQ(embedding.image.width, c.width);
    EXPECT_EQ(embedding.input.width, c.fitted_width);
    EXPECT_EQ(embedding.input.height, c.fitted_height);
    EXPECT_EQ(embedding.features.shape(), (Shape{1, 16, 4, 4}));
    const auto width = static_cast<float>(c.width), height = static_cast<float>(c.height);
    const sam::Point corner = embedding.in_network({width, height, sam::kBoxEnd});
    EXPECT_FLOAT_EQ(corner.x, static_cast<float>(c.fitted_width));
    EXPECT_FLOAT_EQ(corner.y, static_cast<float>(c.fitted_height));
    EXPECT_EQ(corner.kind, sam::kBoxEnd);
    const Prompt all = {Box{0, 0, width, height}, {}, {}};
    const std::vector<Region> regions =
        predictor.regions(embedding, predictor.predict(embedding, std::span(&all, 1), true)[0]);
    ASSERT_EQ(regions.size(), 3u);
    for (const Region& region : regions) {
      EXPECT_LE(region.rect().x1, c.width);
      EXPECT_LE(region.rect().y1, c.height);
    }
  }
}

TEST(SamPredictor, WhatLiesBesideTheImageIsZero) {
  const sam::Predictor predictor = predictor_on("openvino");
  const Image fitted = predictor.fit(ramp(100, 60));
  const Tensor input = predictor.normalise(fitted);
  const SamConfig& c = predictor.config();
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < 64; ++y) {
      for (int x = 0; x < 64; ++x) {
        const bool inside = y < fitted.height;
        const float value =
            inside ? (fitted.row(y)[3 * x + channel] - c.pixel_mean[channel]) / c.pixel_std[channel] : 0;
        ASSERT_NEAR(input.floats()[(channel * 64 + y) * 64 + x], value, 1e-5);
      }
    }
  }
}

TEST(SamPredictor, MasksAreLogitsAboveTheThresholdEnlarged) {
  const sam::Predictor predictor = predictor_on("openvino");
  const Embedding embedding = {
      Tensor::zeros({1, 16, 4, 4}), {32, 64}, {32, 64}};  // the upper half of the square
  Tensor logits = Tensor::zeros({2, 16, 16});
  for (int i = 0; i < 256; ++i) logits.mutable_floats()[i] = i % 16 < 8 ? 1.0F : -1.0F;  // left; nothing
  const std::vector<Region> regions = predictor.regions(embedding, {logits, {0, 0}});
  EXPECT_EQ(regions[0].rect(), (PixelRect{0, 0, 32, 32}));
  EXPECT_EQ(regions[0].area(), 32 * 32);
  EXPECT_TRUE(regions[1].empty()) << "exactly at the threshold";
}

TEST(SamPredictor, ServesSeveralThreads) {
  const sam::Predictor predictor = predictor_on("openvino");
  const std::vector<Prompt> prompts = mixed_prompts();
  const std::vector<MaskLogits> expected = predictor.predict(predictor.embed(ramp(50, 40)), prompts);
  const sam::Predictor fresh = predictor_on("openvino");  // compiles while several ask
  std::vector<std::vector<MaskLogits>> got(4);
  std::vector<std::thread> threads;
  for (std::vector<MaskLogits>& answers : got)
    threads.emplace_back([&] { answers = fresh.predict(fresh.embed(ramp(50, 40)), prompts); });
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<MaskLogits>& answers : got)
    for (std::size_t i = 0; i < prompts.size(); ++i)
      expect_near(answers[i].logits, expected[i].logits, "thread");
}

TEST(SamPredictor, RefusesPromptsThatSayNothing) {
  const sam::Predictor predictor = predictor_on("openvino");
  const Embedding embedding = predictor.embed(ramp(20, 20));
  std::vector<Prompt> prompts(1);
  EXPECT_THROW(predictor.predict(embedding, prompts), Error);
  prompts[0].mask = Tensor::zeros({1, 16, 16});
  EXPECT_THROW(predictor.predict(embedding, prompts), Error) << "a mask of another shape";
}

TEST(SamPredictor, NamesTheWeightsThatDoNotFit) {
  const SamConfig config = test::small_sam(64);
  WeightFile::Tensors tensors = weights_of(config)->tensors();
  tensors.erase("mask_decoder.iou_token.weight");
  tensors["image_encoder.neck.1.bias"] = Tensor::zeros({3});
  tensors["image_encoder.strange"] = Tensor::zeros({1});
  tensors["image_encoder.head.bias"] = Tensor::zeros({5});
  const auto file = std::make_shared<const WeightFile>("file.pt", std::move(tensors));
  try {
    sam::Predictor(file, nn::make_engine(), nn::Precision::kF32, config);
    FAIL() << "it was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadModel);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("iou_token.weight"), HasSubstr("neck.1.bias"),
                                    HasSubstr("image_encoder.strange"), Not(HasSubstr("head.bias"))));
  }
}

}  // namespace
}  // namespace anomalyvlm
