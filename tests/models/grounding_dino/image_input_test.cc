// The size and the values of what Grounding DINO is given.
#include "models/grounding_dino/image_input.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "image/resize.h"

namespace anomalyvlm::grounding_dino {
namespace {

// The authors' rule in whole numbers.
Extent plain_size(std::int64_t height, std::int64_t width, std::int64_t side, std::int64_t most) {
  const std::int64_t shorter = std::min(height, width), longer = std::max(height, width);
  if (longer * side > most * shorter) {
    const std::int64_t rest = most * shorter % longer;
    side = most * shorter / longer;
    if (2 * rest > longer || (2 * rest == longer && side % 2 == 1)) ++side;
  }
  const std::int64_t length = side * longer / shorter;
  return width < height ? Extent{length, side} : Extent{side, length};
}

TEST(GroundingDinoInput, SizesAreTheAuthors) {
  const ImageInputConfig config;
  EXPECT_EQ(input_size(config, {264, 219}), (Extent{964, 800}));
  EXPECT_EQ(input_size(config, {700, 1100}), (Extent{800, 1257}));
  EXPECT_EQ(input_size(config, {900, 800}), (Extent{900, 800}));
  EXPECT_EQ(input_size(config, {1, 1}), (Extent{800, 800}));
  EXPECT_EQ(input_size(config, {1, 2}), (Extent{666, 1332})) << "666.5 rounds to even";
  EXPECT_EQ(input_size(config, {2666, 1331}), (Extent{1334, 666})) << "beyond 1333, after 665.5 became 666";
  EXPECT_EQ(input_size(config, {1, 5000}), (Extent{1, 1333})) << "the authors' code ends up with a side of 0";
}

TEST(GroundingDinoInput, SizesOfManyImages) {
  for (const ImageInputConfig& config :
       {ImageInputConfig{}, ImageInputConfig{600, 1000}, ImageInputConfig{97, 98}}) {
    for (std::int64_t height = 1; height < 4000; height += 37) {
      for (std::int64_t width = 1; width < 4000; width += 61) {
        const Extent expected = plain_size(height, width, config.short_side, config.long_side);
        if (std::min(expected.height, expected.width) == 0) continue;
        ASSERT_EQ(input_size(config, {height, width}), expected) << height << " x " << width;
      }
    }
  }
}

Image image_of(int width, int height) {
  Image image{width, height, {}};
  for (int i = 0; i < width * height * 3; ++i) image.rgb.push_back(static_cast<std::uint8_t>(i * 37 % 251));
  return image;
}

void expect_values(const Tensor& got, const Image& expected) {
  constexpr double kMean[] = {0.485, 0.456, 0.406}, kDeviation[] = {0.229, 0.224, 0.225};
  ASSERT_EQ(got.shape(), (Shape{1, 3, expected.height, expected.width}));
  const std::size_t pixels =
      static_cast<std::size_t>(expected.width) * static_cast<std::size_t>(expected.height);
  for (std::size_t i = 0; i < pixels; ++i)
    for (std::size_t c = 0; c < 3; ++c)
      ASSERT_NEAR(got.floats()[c * pixels + i], (expected.rgb[3 * i + c] / 255.0 - kMean[c]) / kDeviation[c],
                  2e-6);
}

TEST(GroundingDinoInput, AnImageOfTheRightSizeIsNotResampled) {
  ImageInputConfig config;
  config.short_side = 20;
  config.long_side = 60;
  const Image image = image_of(31, 20);
  expect_values(image_input(config, image), image);
}

TEST(GroundingDinoInput, OthersAreResampledAsPillowDoes) {
  ImageInputConfig config;
  config.short_side = 20;
  config.long_side = 50;
  const Image wide = image_of(61, 47), tall = image_of(9, 33);
  expect_values(image_input(config, wide), resize_pil_bilinear(wide, 25, 20));
  expect_values(image_input(config, tall), resize_pil_bilinear(tall, 14, 51));
}

}  // namespace
}  // namespace anomalyvlm::grounding_dino
