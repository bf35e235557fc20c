#include "results/overlay.h"

#include <gtest/gtest.h>

#include "anomalyvlm/error.h"
#include "image/fixtures.h"

namespace anomalyvlm {
namespace {

using namespace test;

TEST(Overlay, EnlargesSmallImagesByAWholeFactor) {
  const auto long_side = [](int side) { return draw_overlay(noisy_image(side, 1), {}, {}).width; };
  EXPECT_EQ(long_side(1), 640);
  EXPECT_EQ(long_side(256), 768);
  EXPECT_EQ(long_side(640), 640);
  EXPECT_EQ(long_side(641), 641);
}

TEST(Overlay, StretchesStripsSoThatTheyCanBeSeen) {
  const auto size = [](int w, int h) {
    const Image out = draw_overlay(noisy_image(w, h), {}, {});
    return std::pair(out.width, out.height);
  };
  EXPECT_EQ(size(1, 2000), std::pair(48, 2000));
  EXPECT_EQ(size(2000, 1), std::pair(2000, 48));
  EXPECT_EQ(size(100, 5), std::pair(700, 50));
  EXPECT_EQ(size(2000, 50), std::pair(2000, 50));
}

// Pixels that touch at their corners are one line, not a chain of dots.
TEST(Overlay, OutlinesAThinDiagonalAsOne) {
  const int side = 64;
  const Image image{side, side, Bytes(side * side * 3, 100)};
  Mask mask{side, side, Bytes(side * side)};
  for (int i = 8; i < 50; ++i) mask.at(i, i) = 1;
  const Region line = Region::binary(mask);
  const OverlayRegion regions[] = {{{0, 0, 64, 64}, "", &line}};
  const Image out = draw_overlay(image, {}, regions);
  for (int i = 9 * 10; i < 49 * 10; ++i)  // the middle of the line is never crossed by an outline's shadow
    EXPECT_NE(out.row(i + 5)[3 * (i + 5)], 20) << i;
}

TEST(Overlay, LeavesTheImageAloneWithoutHeatAndRegions) {
  const Image image = noisy_image(700, 60);
  const FloatMap cold{700, 60, std::vector<float>(700 * 60)};
  EXPECT_EQ(draw_overlay(image, cold, {}).rgb, image.rgb);
}

TEST(Overlay, ColorsTheHotPartOnly) {
  const Image image{700, 50, Bytes(700 * 50 * 3, 100)};
  FloatMap heat{700, 50, std::vector<float>(700 * 50)};
  heat.at(600, 10) = 2;
  const Image out = draw_overlay(image, heat, {}, {.heat_strength = 1});
  EXPECT_GT(out.row(10)[3 * 600], 150);  // red
  EXPECT_LT(out.row(10)[3 * 600 + 2], 60);
  EXPECT_EQ(out.row(10)[3 * 599], 100);
}

TEST(Overlay, TakesAnyRegion) {
  for (const auto& [w, h] : {std::pair{1, 1}, {1, 2000}, {2000, 1}, {64, 48}, {900, 700}}) {
    const Image image = noisy_image(w, h);
    const Region dot = Region::binary({w / 2, h / 2, w / 2 + 1, h / 2 + 1}, Bytes{1});
    const std::string label =
        "a phrase that is longer than the whole image is wide, in \xc3\xa9very way \n 0.77";
    const float wide = static_cast<float>(w), high = static_cast<float>(h);
    const OverlayRegion regions[] = {{{0, 0, wide, high}, label, &dot},
                                     {{0, 0, wide, high}, label, nullptr},
                                     {{-1e9f, -5, 1e9f, 1e9f}, "x", nullptr},
                                     {{wide, high, 0, 0}, "", &dot}};
    EXPECT_FALSE(draw_overlay(image, noisy_map(w, h), regions).empty());
  }
}

TEST(Overlay, WhatIsNotReportedIsThinAndGrey) {
  const Image image{640, 200, Bytes(640 * 200 * 3, 100)};
  const Region part = Region::binary({100, 100, 300, 150}, Bytes(200 * 50, 1));
  const auto changed = [&](bool muted) {
    const OverlayRegion regions[] = {{{100, 100, 300, 150}, "", &part, muted}};
    const Image out = draw_overlay(image, {}, regions);
    int pixels = 0;
    for (std::size_t i = 0; i < out.rgb.size(); i += 3) {
      pixels += out.rgb[i] != 100;
      if (muted) {
        EXPECT_TRUE(out.rgb[i] == out.rgb[i + 1] && out.rgb[i] == out.rgb[i + 2]);
      }
    }
    return pixels;
  };
  EXPECT_GT(changed(true), 400) << "there is a line";
  EXPECT_LT(2 * changed(true), changed(false));
}

// The label's plate, as the pixels that differ from an overlay without a label.
int pixels_of_label(const std::string& label, const std::vector<std::filesystem::path>& fonts) {
  const Image image{640, 200, Bytes(640 * 200 * 3, 100)};
  const OverlayRegion with[] = {{{100, 100, 300, 150}, label}}, without[] = {{{100, 100, 300, 150}, ""}};
  const Image a = draw_overlay(image, {}, with, {.fonts = fonts}),
              b = draw_overlay(image, {}, without, {.fonts = fonts});
  int count = 0;
  for (std::size_t i = 0; i < a.rgb.size(); i += 3) count += !std::equal(&a.rgb[i], &a.rgb[i] + 3, &b.rgb[i]);
  return count;
}

TEST(Overlay, ShowsLabelsOfAnyTextWithFontsAndWithout) {
  std::string endless;
  for (int i = 0; i < 5000; ++i) endless += "\xe7\xa9\xba";
  for (const auto& fonts : {usual_fonts(), {}}) {
    for (const std::string& label :
         {std::string("crack 0.62"),
          std::string("L\xc3\xb6"
                      "cher 0.5"),
          endless, std::string(10'000, 'W'), std::string("\0\n\x1b[31m\x7f", 8), std::string("\xff\xfe\xc3"),
          std::string("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"), std::string("\xf0\x9f\x98\x80")}) {
      const int pixels = pixels_of_label(label, fonts);
      EXPECT_GT(pixels, 100) << label.substr(0, 30);
      EXPECT_EQ(pixels_of_label(label, fonts), pixels) << "it is the same each time";
    }
  }
}

TEST(Overlay, ShowsAVerdictInFullOnNarrowImages) {
  const Image strip{40, 400, Bytes(40 * 400 * 3, 100)};
  const auto with = [&](const std::string& caption, const std::vector<std::filesystem::path>& fonts) {
    return draw_overlay(strip, {}, {}, {.fonts = fonts, .caption = caption}).rgb;
  };
  for (const auto& fonts : {usual_fonts(), {}})
    EXPECT_NE(with("not OK 1.12", fonts), with("not OK 1.13", fonts)) << "the last digit is there";
}

TEST(Overlay, RefusesOtherSizes) {
  const Image image = noisy_image(8, 8);
  EXPECT_THROW(draw_overlay(image, noisy_map(8, 9), {}), Error);
  const Region beyond = Region::binary({7, 7, 9, 8}, Bytes{1, 1});
  const OverlayRegion regions[] = {{{}, "", &beyond}};
  EXPECT_THROW(draw_overlay(image, {}, regions), Error);
}

}  // namespace
}  // namespace anomalyvlm
