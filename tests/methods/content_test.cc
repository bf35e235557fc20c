// Which images show nothing that could be inspected, and that good surfaces do.
#include "methods/content.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <random>

#include "train/synthetic/synthetic.h"

namespace anomalyvlm {
namespace {

Image made(int width, int height, const std::function<double(int x, int y)>& shade) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      image.rgb.insert(image.rgb.end(), 3,
                       static_cast<std::uint8_t>(std::clamp(std::lround(shade(x, y)), 0L, 255L)));
  return image;
}

Image with_noise(double middle, double deviation, int side = 300) {
  std::mt19937 random(7);
  std::normal_distribution<double> noise(middle, deviation);
  return made(side, side, [&](int, int) { return noise(random); });
}

// Means of squares around each pixel, at the border of what there is of them.
Image blurred(const Image& image, int radius) {
  const auto pass = [&](const Image& from, int dx, int dy) {
    return made(from.width, from.height, [&](int x, int y) {
      double sum = 0, count = 0;
      for (int k = -radius; k <= radius; ++k) {
        const int u = x + k * dx, v = y + k * dy;
        if (u < 0 || v < 0 || u >= from.width || v >= from.height) continue;
        sum += from.row(v)[3 * u];
        ++count;
      }
      return sum / count;
    });
  };
  return pass(pass(image, 1, 0), 0, 1);
}

Image surface(std::uint64_t seed) {
  synthetic::Options options;
  options.validation = true;
  options.normal_share = seed % 2 == 0 ? 1 : 0;
  return synthetic::draw(6'000'000 + seed, options).image;
}

TEST(Content, NothingToInspect) {
  for (const int side : {1, 20, 256, 700}) {
    EXPECT_EQ(content_of(made(side, side, [](int, int) { return 0; })), Content::kBlack) << side;
    EXPECT_EQ(content_of(made(side, side, [](int, int) { return 255; })), Content::kWhite) << side;
    EXPECT_EQ(content_of(made(side, side, [](int, int) { return 93; })), Content::kOneShade) << side;
  }
  EXPECT_EQ(content_of(made(400, 300, [](int x, int) { return 100 + x / 200; })), Content::kOneShade);
  EXPECT_EQ(content_of(made(400, 300, [](int x, int y) { return 100 + 4 * ((x / 16 + y / 16) % 2); })),
            Content::kLowContrast);
  for (const double deviation : {3.0, 10.0, 40.0})
    for (const int side : {64, 300, 900})
      EXPECT_EQ(content_of(with_noise(128, deviation, side)), Content::kNoise) << deviation << ", " << side;
}

TEST(Content, BlurredUntilNoEdgeIsLeft) {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    const Image sharp = surface(seed);
    EXPECT_EQ(content_of(sharp), Content::kUsual) << seed;
    // As a lens far out of focus would show it.
    const Content content = content_of(blurred(blurred(blurred(sharp, 8), 8), 8));
    EXPECT_NE(content, Content::kUsual) << seed;
  }
}

TEST(Content, ADefectIsContent) {
  const auto dot = [](int x, int y) { return std::hypot(x - 80, y - 60) < 4 ? 20.0 : 128.0; };
  EXPECT_EQ(content_of(made(256, 256, dot)), Content::kUsual);
  std::mt19937 random(7);
  std::normal_distribution<double> noise(0, 8);
  EXPECT_EQ(content_of(made(256, 256, [&](int x, int y) { return dot(x, y) + noise(random); })),
            Content::kUsual);
  EXPECT_EQ(content_of(made(256, 256, [](int x, int y) { return x == 40 && y > 20 && y < 90 ? 90 : 0; })),
            Content::kUsual);
}

TEST(Content, GoodSurfacesAreNotFlagged) {
  int doubtful = 0;  // smooth ones look blurred
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Content content = content_of(surface(seed));
    EXPECT_TRUE(content == Content::kUsual || content == Content::kBlurred) << seed;
    doubtful += content != Content::kUsual;
    EXPECT_EQ(missing_content({content_note(surface(seed)).value_or("")}), "") << seed;
  }
  EXPECT_LE(doubtful, 3);
  EXPECT_EQ(content_of(made(256, 256, [](int x, int y) { return (x + y) % 2 == 0 ? 80 : 120; })),
            Content::kUsual)
      << "a weave of one pixel";
  EXPECT_EQ(content_of(made(1, 5000, [](int, int y) { return y % 200; })), Content::kUsual);
}

TEST(Content, TheNoteSaysWhat) {
  EXPECT_THAT(content_note(made(50, 50, [](int, int) { return 0; })).value_or(""),
              testing::HasSubstr("no content that could be inspected: it is black"));
  EXPECT_FALSE(content_note(surface(3)));
}

TEST(Content, WhatIsMissingIsReadBackFromTheNotes) {
  for (const int shade : {0, 255, 90}) {
    const std::string note = content_note(made(50, 50, [&](int, int) { return shade; })).value();
    const std::string what = missing_content({"Another note.", note});
    EXPECT_THAT(note, testing::HasSubstr(": " + what + ". That nothing"));
    EXPECT_FALSE(what.empty());
  }
  EXPECT_EQ(missing_content({"Another note: it is black."}), "");
}

}  // namespace
}  // namespace anomalyvlm
