// The embedded default's own weights, on every engine of this build.
#include "models/nano/nano_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/threads.h"
#include "errors.h"
#include "source_dir.h"
#include "train/synthetic/synthetic.h"

namespace anomalyvlm::nano {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<const WeightFile> committed() {
  static const auto file = load_weights((test::source_dir() / "models/nano/nano.safetensors").string());
  return file;
}

// No disk cache: what counts is what is computed now.
NanoModel model_on(const std::string& engine, NanoConfig config = {},
                   std::shared_ptr<const WeightFile> weights = committed()) {
  return NanoModel(std::move(weights), nn::make_engine(engine, {.disk_cache = false}), nn::Precision::kF32,
                   std::move(config));
}

const NanoConfig kSmall = {.sides = {128}, .regions = {}};

Image test_image(int width, int height) {
  synthetic::Options options;
  options.width = width;
  options.height = height;
  return synthetic::draw(5, options).image;
}

std::vector<const FloatMap*> maps_of(const DenseMaps& maps) {
  std::vector<const FloatMap*> all = {&maps.defect, &maps.saliency, &maps.object};
  for (const FloatMap& map : maps.embedding) all.push_back(&map);
  return all;
}

double largest_difference(const DenseMaps& a, const DenseMaps& b) {
  const auto of_a = maps_of(a), of_b = maps_of(b);
  double largest = of_a.size() == of_b.size() ? 0 : 999;
  for (std::size_t m = 0; m < of_a.size() && largest < 999; ++m) {
    if (of_a[m]->width != of_b[m]->width || of_a[m]->height != of_b[m]->height) return 999;
    for (std::size_t i = 0; i < of_a[m]->values.size(); ++i)
      largest = std::max(largest, std::abs(static_cast<double>(of_a[m]->values[i]) - of_b[m]->values[i]));
  }
  return largest;
}

bool all_within(const FloatMap& map, float least, float most) {
  return std::all_of(map.values.begin(), map.values.end(), [&](float v) { return v >= least && v <= most; });
}

TEST(NanoModel, EnginesAgree) {
  const Image image = test_image(200, 150);
  const DenseMaps maps = model_on("openvino").analyse(image);
  for (const std::string& engine : nn::engine_names())
    EXPECT_LT(largest_difference(maps, model_on(engine).analyse(image)), 1e-3) << engine;
}

TEST(NanoModel, InTwoStepsItSaysTheSame) {
  const Image image = test_image(200, 150);
  for (const std::string& engine : nn::engine_names()) {
    const NanoModel model = model_on(engine, {.sides = {96, 128}, .regions = {}});
    const NanoModel::EncodedImage encoded = model.encode(image);
    std::vector<FloatMap> alarms;
    EXPECT_LT(largest_difference(model.analyse(image), model.decode(encoded, &alarms)), 1e-4) << engine;
    ASSERT_EQ(alarms.size(), 2U);
    for (std::size_t s = 0; s < alarms.size(); ++s) {
      EXPECT_EQ(encoded[s].descriptors.shape(),
                (Shape{1, kDescriptorSize, alarms[s].height, alarms[s].width}));
      EXPECT_TRUE(all_within(alarms[s], 0, 1));
    }
  }
}

TEST(NanoModel, ImagesOfAnySize) {
  for (const std::string& engine : nn::engine_names()) {
    const NanoModel model = model_on(engine, {.sides = {96, 128}, .regions = {}});
    for (const auto& [width, height] : {std::pair{1, 1}, {64, 64}, {20000, 1}, {1, 3000}, {1000, 300}}) {
      SCOPED_TRACE(engine + ", " + std::to_string(width) + " x " + std::to_string(height));
      Image image{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height * 3, 90)};
      for (std::size_t i = 0; i < image.rgb.size(); i += 7) image.rgb[i] = static_cast<std::uint8_t>(i);
      const DenseMaps maps = model.analyse(image);
      for (const FloatMap* map : maps_of(maps)) {
        EXPECT_EQ(map->width, maps.defect.width);
        EXPECT_EQ(map->height, maps.defect.height);
        EXPECT_TRUE(all_within(*map, -1e6F, 1e6F));
      }
      EXPECT_EQ(maps.defect.width >= maps.defect.height, width >= height);
      EXPECT_TRUE(all_within(maps.defect, 0, 1));
      EXPECT_TRUE(all_within(maps.object, 0, 1));
      EXPECT_TRUE(all_within(maps.saliency, -1e-3F, 10));
    }
  }
}

TEST(NanoModel, ImagesWithoutAnyContrast) {
  const NanoModel model = model_on("openvino", kSmall);
  for (const std::uint8_t grey : {0, 127, 255}) {
    const DenseMaps maps = model.analyse({40, 40, std::vector<std::uint8_t>(40 * 40 * 3, grey)});
    for (const FloatMap* map : maps_of(maps)) EXPECT_TRUE(all_within(*map, -1e6F, 1e6F)) << int{grey};
  }
}

TEST(NanoModel, TheSameAnswerTwiceAndWithAnyNumberOfThreads) {
  const Image image = test_image(160, 96);
  const int before = thread_count();
  for (const std::string& engine : nn::engine_names()) {
    set_thread_count(1);
    const NanoModel single = model_on(engine, kSmall);
    const DenseMaps maps = single.analyse(image);
    EXPECT_EQ(largest_difference(maps, single.analyse(image)), 0) << engine;
    set_thread_count(2);
    EXPECT_LT(largest_difference(maps, model_on(engine, kSmall).analyse(image)), 1e-4) << engine;
  }
  set_thread_count(before);
}

Question ask(const NanoModel& model, const std::vector<std::string>& phrases) {
  return model.understand(phrases);
}

TEST(NanoModel, PhrasesAndWhatTheyMean) {
  const NanoModel model = model_on("openvino", kSmall);
  const Question scratch = ask(model, {"a thin scratch"}), any = ask(model, {"defect"}),
                 unknown = ask(model, {"blorf"});
  EXPECT_TRUE(scratch.phrases[0].known);
  EXPECT_FALSE(scratch.any);
  EXPECT_TRUE(scratch.kinds);
  EXPECT_GT(scratch.rivals.size(), 5U);
  EXPECT_TRUE(any.phrases[0].known);
  EXPECT_EQ(any.any, 0U);
  EXPECT_FALSE(any.kinds);
  EXPECT_FALSE(unknown.phrases[0].known);
  EXPECT_TRUE(unknown.any);
  EXPECT_EQ(ask(model, {"scratches"}).phrases[0].vector, ask(model, {"scratch"}).phrases[0].vector);

  // What looks just as the phrase's own vector fits it better than another phrase, and anything fits
  // "defect".
  const std::vector<float>& look = scratch.phrases[0].vector;
  const double p = NanoModel::answer(look, scratch).probability;
  EXPECT_GT(p, NanoModel::answer(look, ask(model, {"stain"})).probability);
  EXPECT_EQ(NanoModel::answer(look, any).probability, 1);
  const std::vector<float> huge(look.size(), 1e6F);
  const double extreme = NanoModel::answer(huge, scratch).probability;
  EXPECT_TRUE(extreme >= 0 && extreme <= 1) << extreme;
}

TEST(NanoModel, WhatSeveralPhrasesAskForAddsUp) {
  const NanoModel model = model_on("openvino", kSmall);
  std::vector<float> look = ask(model, {"scratch"}).phrases[0].vector;
  for (float& value : look) value *= 0.3F;  // not sure of its kind
  const auto probability = [&](const std::vector<std::string>& phrases) {
    return NanoModel::answer(look, ask(model, phrases)).probability;
  };
  EXPECT_NEAR(probability({"scratch", "stain"}), probability({"scratch"}) + probability({"stain"}), 1e-3);
  EXPECT_NEAR(probability({"scratch", "scratches"}), probability({"scratch"}), 1e-6) << "the same kind twice";
  EXPECT_EQ(NanoModel::answer(look, ask(model, {"stain", "scratch"})).phrase, 1U);
  // "defect" has no part in which kind it is.
  const Question mixed = ask(model, {"defect", "stain", "scratch"});
  EXPECT_EQ(mixed.any, 0U);
  EXPECT_TRUE(mixed.kinds);
  EXPECT_EQ(NanoModel::answer(look, mixed).phrase, 2U);
  EXPECT_EQ(NanoModel::answer(look, mixed).probability, probability({"stain", "scratch"}));
}

TEST(NanoModel, ARegionLooksLikeTheMeanOfItsCells) {
  const NanoModel model = model_on("openvino", kSmall);
  DenseMaps maps;
  maps.embedding = {FloatMap{2, 2, {1, 2, 3, 4}}, FloatMap{2, 2, {0, 0, 0, 8}}};
  const Region region = Region::soft({0, 1, 2, 2}, {1, 0.25F});
  EXPECT_THAT(model.embed(maps, region), ::testing::ElementsAre((3 + 0.25F * 4) / 1.25F, 0.25F * 8 / 1.25F));
}

std::string error_of(const WeightFile::Tensors& tensors, const WeightFile::Strings& metadata) {
  const auto file = std::make_shared<WeightFile>("bad.safetensors", tensors, metadata);
  return test::error_of(ErrorKind::kBadModel,
                        [&] { model_on("openvino", kSmall, file).analyse(test_image(64, 64)); });
}

TEST(NanoModel, DamagedWeightsAreOneSentence) {
  const WeightFile::Tensors whole = committed()->tensors();
  const WeightFile::Strings words = committed()->metadata();
  EXPECT_EQ(error_of(whole, words), "nothing was thrown");
  EXPECT_THAT(error_of(whole, {}), HasSubstr("bad.safetensors: the metadata has no \"lexicon\""));

  WeightFile::Tensors tensors = whole;
  tensors.insert_or_assign("words", Tensor::zeros({3, 24}));
  EXPECT_THAT(error_of(tensors, words), HasSubstr("tensor words has the shape [3, 24]"));
  tensors.erase("words");
  EXPECT_THAT(error_of(tensors, words), HasSubstr("there is no tensor 'words'"));

  tensors = whole;
  tensors.erase("decoder.defect.bias");
  EXPECT_THAT(error_of(tensors, words), HasSubstr("decoder.defect.bias"));

  tensors = whole;
  tensors.insert_or_assign("decoder.defect.bias",
                           Tensor::from<float>({1}, {std::numeric_limits<float>::quiet_NaN()}));
  EXPECT_THAT(
      error_of(tensors, words),
      HasSubstr("tensor 'decoder.defect.bias' holds values that are not numbers; the file is damaged"));
}

}  // namespace
}  // namespace anomalyvlm::nano
