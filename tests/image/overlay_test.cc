#include "image/overlay.h"

#include <gtest/gtest.h>

#include "anomalyvlm/error.h"
#include "image/fixtures.h"

namespace anomalyvlm {
namespace {

using namespace test;

TEST(Overlay, EnlargesSmallPicturesByAWholeFactor) {
  const auto long_side = [](int side) { return draw_overlay(noisy_picture(side, 1), {}, {}).width; };
  EXPECT_EQ(long_side(1), 640);
  EXPECT_EQ(long_side(256), 768);
  EXPECT_EQ(long_side(640), 640);
  EXPECT_EQ(long_side(641), 641);
}

TEST(Overlay, LeavesThePictureAloneWithoutHeatAndRegions) {
  const Image image = noisy_picture(700, 30);
  const FloatMap cold{700, 30, std::vector<float>(700 * 30)};
  EXPECT_EQ(draw_overlay(image, cold, {}).rgb, image.rgb);
}

TEST(Overlay, ColorsTheHotPartOnly) {
  const Image image{700, 20, Bytes(700 * 20 * 3, 100)};
  FloatMap heat{700, 20, std::vector<float>(700 * 20)};
  heat.at(600, 10) = 2;
  const Image out = draw_overlay(image, heat, {}, {.heat_strength = 1});
  EXPECT_GT(out.row(10)[3 * 600], 150);  // red
  EXPECT_LT(out.row(10)[3 * 600 + 2], 60);
  EXPECT_EQ(out.row(10)[3 * 599], 100);
}

TEST(Overlay, TakesAnyRegion) {
  for (const auto& [w, h] : {std::pair{1, 1}, {1, 2000}, {2000, 1}, {64, 48}, {900, 700}}) {
    const Image image = noisy_picture(w, h);
    Mask mask{w, h, Bytes(static_cast<std::size_t>(w) * h)};
    mask.values[mask.values.size() / 2] = 1;
    const std::string label =
        "a phrase that is longer than the whole picture is wide, in \xc3\xa9very way \n 0.77";
    const float wide = static_cast<float>(w), high = static_cast<float>(h);
    const OverlayRegion regions[] = {{{0, 0, wide, high}, label, &mask},
                                     {{0, 0, wide, high}, label, nullptr},
                                     {{-1e9f, -5, 1e9f, 1e9f}, "x", nullptr},
                                     {{wide, high, 0, 0}, "", &mask}};
    EXPECT_FALSE(draw_overlay(image, noisy_map(w, h), regions).empty());
  }
}

TEST(Overlay, RefusesOtherSizes) {
  const Image image = noisy_picture(8, 8);
  EXPECT_THROW(draw_overlay(image, noisy_map(8, 9), {}), Error);
  const Mask mask{7, 8, Bytes(56)};
  const OverlayRegion regions[] = {{{}, "", &mask}};
  EXPECT_THROW(draw_overlay(image, {}, regions), Error);
}

}  // namespace
}  // namespace anomalyvlm
