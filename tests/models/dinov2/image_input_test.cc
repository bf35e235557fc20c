// The size and the values of what DINOv2 is given.
#include "models/dinov2/image_input.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "errors.h"
#include "image/resize.h"

namespace anomalyvlm::dinov2 {
namespace {

Image image_of(int width, int height) {
  Image image{width, height, {}};
  for (int i = 0; i < width * height * 3; ++i) image.rgb.push_back(static_cast<std::uint8_t>(i * 37 % 251));
  return image;
}

TEST(Dinov2Input, SizesAreCutOff) {
  EXPECT_EQ(scaled_size({1024, 1024}, 448), (Extent{448, 448}));
  EXPECT_EQ(scaled_size({75, 131}, 60), (Extent{60, 104})) << "104.8";
  EXPECT_EQ(scaled_size({97, 64}, 98), (Extent{148, 98})) << "148.53";
  EXPECT_EQ(scaled_size({448, 1000}, 448), (Extent{448, 1000}));
  EXPECT_EQ(scaled_size({1, 1}, 672), (Extent{672, 672}));
}

TEST(Dinov2Input, PatchesAreWholeAndWhatIsLeftIsCutAtTheRightAndAtTheBottom) {
  for (const auto& [width, height] : {std::pair{61, 47}, {9, 33}, {40, 40}, {20, 51}}) {
    const Image image = image_of(width, height);
    const Image got = prepared_image(image, 20, 7);
    const Extent size = scaled_size({height, width}, 20);
    const Image whole =
        resize_pil_bicubic(image, static_cast<int>(size.width), static_cast<int>(size.height));
    ASSERT_EQ(got.width, size.width / 7 * 7);
    ASSERT_EQ(got.height, size.height / 7 * 7);
    for (int y = 0; y < got.height; ++y)
      ASSERT_TRUE(std::equal(got.row(y), got.row(y) + 3 * got.width, whole.row(y))) << y;
  }
}

TEST(Dinov2Input, ValuesAreThoseOfImageNet) {
  const Tensor input = normalised(Image{1, 1, {255, 0, 128}});
  EXPECT_EQ(input.shape(), (Shape{1, 3, 1, 1}));
  EXPECT_NEAR(input.floats()[0], (1 - 0.485) / 0.229, 1e-6);
  EXPECT_NEAR(input.floats()[1], -0.456 / 0.224, 1e-6);
  EXPECT_NEAR(input.floats()[2], (128 / 255.0 - 0.406) / 0.225, 1e-6);
}

TEST(Dinov2Input, TooSmallASideIsAnError) {
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [] { prepared_image(image_of(30, 30), 13, 14); }),
              testing::HasSubstr("13 pixels holds no patch of 14"));
}

}  // namespace
}  // namespace anomalyvlm::dinov2
