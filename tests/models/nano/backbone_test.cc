// The embedded default's encoder as a feature extractor.
#include "models/nano/backbone.h"

#include <gtest/gtest.h>

#include <cmath>

#include "source_dir.h"
#include "train/synthetic/synthetic.h"

namespace anomalyvlm::nano {
namespace {

constexpr std::int64_t kFine = 40, kMiddle = 112, kCoarse = 320;
constexpr std::int64_t kAll = kFine + kMiddle + kCoarse;

Backbone backbone_on(const std::string& engine) {
  static const auto file = load_weights((test::source_dir() / "models/nano/nano.safetensors").string());
  return Backbone(file, nn::make_engine(engine, {.disk_cache = false}), nn::Precision::kF32);
}

Image synthetic_image(int width, int height) {
  synthetic::Options options;
  options.width = width;
  options.height = height;
  return synthetic::draw(7, options).image;
}

// The length of channels begin .. end of one cell's vector.
double length(const Tensor& features, std::int64_t cell, std::int64_t begin, std::int64_t end) {
  const std::int64_t cells = features.dim(2) * features.dim(3);
  double sum = 0;
  for (std::int64_t c = begin; c < end; ++c) {
    const double v = features.floats()[static_cast<std::size_t>(c * cells + cell)];
    sum += v * v;
  }
  return std::sqrt(sum);
}

TEST(NanoBackbone, CellsOf8PixelsWithThreeUnitVectors) {
  const Backbone backbone = backbone_on("openvino");
  for (const auto& [width, height] : {std::pair{64, 96}, {101, 75}}) {
    const Tensor features = backbone.features(synthetic_image(width, height));
    ASSERT_EQ(features.shape(), (Shape{1, kAll, (height + 7) / 8, (width + 7) / 8}));
    for (std::int64_t cell = 0; cell < features.dim(2) * features.dim(3); ++cell) {
      ASSERT_NEAR(length(features, cell, 0, kFine), 1, 1e-4);
      for (const auto& [begin, end] : {std::pair{kFine, kFine + kMiddle}, {kFine + kMiddle, kAll}}) {
        ASSERT_LE(length(features, cell, begin, end), 1 + 1e-4);  // interpolated between unit vectors
        ASSERT_GT(length(features, cell, begin, end), 0.1);
      }
    }
  }
}

TEST(NanoBackbone, LayersAsTheyAre) {
  const Backbone backbone = backbone_on("openvino");
  const Image image = synthetic_image(101, 75);
  const std::vector<Tensor> layers = backbone.layers(image);
  ASSERT_EQ(layers.size(), 2U);
  ASSERT_EQ(layers[0].shape(), (Shape{1, kFine, 10, 13}));
  ASSERT_EQ(layers[1].shape(), (Shape{1, kMiddle, 5, 7}));
  // features() begins with the finer one's unit vectors.
  const Tensor features = backbone.features(image);
  for (std::int64_t cell = 0; cell < 10 * 13; ++cell) {
    const double scale = length(layers[0], cell, 0, kFine);
    for (std::int64_t c = 0; c < kFine; ++c) {
      const auto at = static_cast<std::size_t>(c * 10 * 13 + cell);
      ASSERT_NEAR(layers[0].floats()[at] / scale, features.floats()[at], 1e-4);
    }
  }
}

TEST(NanoBackbone, EnginesAgree) {
  const Image image = synthetic_image(104, 88);
  const Tensor expected = backbone_on("openvino").features(image);
  for (const std::string& engine : nn::engine_names()) {
    const Tensor got = backbone_on(engine).features(image);
    ASSERT_EQ(got.shape(), expected.shape()) << engine;
    for (std::size_t i = 0; i < got.floats().size(); ++i)
      ASSERT_NEAR(got.floats()[i], expected.floats()[i], 1e-3) << engine;
  }
}

TEST(NanoBackbone, ImagesOfAnySize) {
  const Backbone backbone = backbone_on("openvino");
  for (const auto& [width, height] : {std::pair{1, 1}, {9, 3}, {33, 320}}) {
    const Image grey{width, height,
                     std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height * 3, 99)};
    const Tensor features = backbone.features(grey);
    EXPECT_EQ(features.shape(), (Shape{1, kAll, (height + 7) / 8, (width + 7) / 8}));
    EXPECT_TRUE(features.is_finite());
  }
}

}  // namespace
}  // namespace anomalyvlm::nano
