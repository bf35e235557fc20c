#include "image/views.h"

#include <gtest/gtest.h>

#include "image/fixtures.h"

namespace anomalyvlm {
namespace {

TEST(Views, AreMovedByWholePixelsAndMirrored) {
  const Image image = test::noisy_image(13, 9);
  const Image out = moved(image, 3, 2);
  ASSERT_EQ(out.width, 13);
  ASSERT_EQ(out.height, 9);
  for (int y = 0; y < 9; ++y)
    for (int x = 0; x < 13; ++x)
      for (int c = 0; c < 3; ++c)
        EXPECT_EQ(out.row(y)[3 * x + c], image.row(std::abs(y - 2))[3 * std::abs(x - 3) + c]);
  EXPECT_EQ(moved(image, 0, 0).rgb, image.rgb);
  EXPECT_EQ(moved(Image{1, 1, {7, 8, 9}}, 1, 1).rgb, (test::Bytes{7, 8, 9}));
}

TEST(Views, AreLit) {
  const Image image{2, 1, {0, 100, 200, 255, 1, 3}};
  EXPECT_EQ(lit(image, 1.15).rgb, (test::Bytes{0, 115, 230, 255, 1, 3}));
  EXPECT_EQ(lit(image, 0.85).rgb, (test::Bytes{0, 85, 170, 217, 1, 3}));
}

TEST(Views, AreTurned) {
  const Image image = test::noisy_image(8, 8);
  const Image out = rotated(image, 90);  // counterclockwise
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 8; ++x) EXPECT_EQ(out.row(y)[3 * x], image.row(x)[3 * (7 - y)]);
}

}  // namespace
}  // namespace anomalyvlm
