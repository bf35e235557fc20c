// Camera buffers to 8-bit RGB.
#include "anomalyvlm/image.h"

#include <gtest/gtest.h>

#include <cstring>

#include "anomalyvlm/error.h"
#include "image/resize.h"

namespace anomalyvlm {
namespace {

TEST(ToRgb8, CopiesGrayToThreeChannels) {
  const std::uint8_t data[] = {0, 7, 255, 9};
  const Image image = to_rgb8({data, 2, 2, PixelFormat::kGray8, 0});
  EXPECT_EQ(image.rgb, (std::vector<std::uint8_t>{0, 0, 0, 7, 7, 7, 255, 255, 255, 9, 9, 9}));
}

TEST(ToRgb8, SwapsBlueAndRedAndObeysTheStride) {
  const std::uint8_t data[] = {1, 2, 3, 99, 99, 4, 5, 6};
  const Image image = to_rgb8({data, 1, 2, PixelFormat::kBgr8, 5});
  EXPECT_EQ(image.rgb, (std::vector<std::uint8_t>{3, 2, 1, 6, 5, 4}));
}

TEST(ToRgb8, RoundsSixteenBitsAsTheNearestByte) {
  std::vector<std::uint16_t> values;
  for (int v = 0; v < 65536; ++v) values.push_back(static_cast<std::uint16_t>(v));
  const Image image = to_rgb8({values.data(), 256, 256, PixelFormat::kGray16, 0});
  for (unsigned v = 0; v < 65536; ++v) ASSERT_EQ(image.rgb[3 * v], (v + 128) / 257) << v;
  EXPECT_EQ(image.rgb.back(), 255);
}

TEST(ToRgb8, TakesUnalignedSixteenBitColors) {
  std::vector<std::uint8_t> bytes(1 + 2 * 6);
  const std::uint16_t colors[] = {0, 257, 65535, 514, 771, 1028};
  std::memcpy(bytes.data() + 1, colors, sizeof colors);
  EXPECT_EQ(to_rgb8({bytes.data() + 1, 2, 1, PixelFormat::kRgb16, 0}).rgb,
            (std::vector<std::uint8_t>{0, 1, 255, 2, 3, 4}));
  EXPECT_EQ(to_rgb8({bytes.data() + 1, 2, 1, PixelFormat::kBgr16, 0}).rgb,
            (std::vector<std::uint8_t>{255, 1, 0, 4, 3, 2}));
}

TEST(ToRgb8, CompositesAlphaOverWhite) {
  const std::uint8_t data[] = {10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 200, 128};
  EXPECT_EQ(to_rgb8({data, 3, 1, PixelFormat::kRgba8, 0}).rgb,
            (std::vector<std::uint8_t>{10, 20, 30, 255, 255, 255, 127, 177, 227}));
}

TEST(ToRgb8, TakesFourChannelsInAnyOrder) {
  const std::uint8_t data[] = {10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 200, 128};
  EXPECT_EQ(to_rgb8({data, 3, 1, PixelFormat::kBgra8, 0}).rgb,
            (std::vector<std::uint8_t>{30, 20, 10, 255, 255, 255, 227, 177, 127}));
  EXPECT_EQ(to_rgb8({data, 3, 1, PixelFormat::kRgbx8, 0}).rgb,
            (std::vector<std::uint8_t>{10, 20, 30, 10, 20, 30, 0, 100, 200}));
  EXPECT_EQ(to_rgb8({data, 3, 1, PixelFormat::kBgrx8, 0}).rgb,
            (std::vector<std::uint8_t>{30, 20, 10, 30, 20, 10, 200, 100, 0}));
}

TEST(ToRgb8, KeepsTheColorsOfWhatIsTransparentAllOver) {
  const std::uint8_t data[] = {10, 20, 30, 0, 40, 50, 60, 0};
  std::vector<std::string> notes;
  EXPECT_EQ(to_rgb8({data, 2, 1, PixelFormat::kRgba8, 0}, &notes).rgb,
            (std::vector<std::uint8_t>{10, 20, 30, 40, 50, 60}));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("transparent"), std::string::npos);
}

TEST(ToRgb8, ScalesByTheBitsThatAreUsed) {
  for (const int bits : {8, 9, 10, 12, 14, 16}) {
    const unsigned white = (1u << bits) - 1;
    const std::uint16_t values[] = {0, static_cast<std::uint16_t>(white / 2),
                                    static_cast<std::uint16_t>(white), 65535};
    std::vector<std::string> notes;
    const Image image = to_rgb8({values, 4, 1, PixelFormat::kGray16, 0, bits}, &notes);
    EXPECT_EQ(image.rgb[0], 0);
    EXPECT_EQ(image.rgb[3], (white / 2 * 510 + white) / (2 * white)) << bits;
    EXPECT_EQ(image.rgb[6], 255);
    EXPECT_EQ(image.rgb[9], 255) << "what is above the bits is white";
    EXPECT_EQ(notes.size(), bits < 16 ? 1u : 0u) << bits;
    for (const std::string& note : notes)
      EXPECT_NE(note.find("values of up to 65535, which the " + std::to_string(bits) + " bits"),
                std::string::npos)
          << note;
    notes.clear();
    to_rgb8({values, 3, 1, PixelFormat::kGray16, 0, bits}, &notes);
    EXPECT_TRUE(notes.empty()) << bits;
  }
}

TEST(ToRgb8, TellsOfValuesInTheLowestBits) {
  const std::uint16_t values[] = {0, 1001, 4095};
  std::vector<std::string> notes;
  EXPECT_EQ(to_rgb8({values, 1, 1, PixelFormat::kBgr16, 0}, &notes).rgb[0], 16);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("lowest 12"), std::string::npos);
}

TEST(ToRgb8, RefusesSizesAndStridesBeyondMemory) {
  const std::uint8_t data[64] = {};
  constexpr std::size_t kHuge = std::size_t{1} << 63;
  for (const std::size_t stride : {kHuge, kHuge + 12, ~std::size_t{0}, ~std::size_t{0} / 3, kHuge / 2}) {
    EXPECT_THROW(to_rgb8({data, 2, 5, PixelFormat::kRgb8, stride}), Error) << stride;
    EXPECT_THROW(to_rgb8({data, 2, 2, PixelFormat::kGray16, stride}), Error) << stride;
  }
  EXPECT_EQ(to_rgb8({data, 2, 1, PixelFormat::kRgb8, 6}).width, 2);
  constexpr int kMost = 0x7fffffff;
  for (const auto& [w, h] : {std::pair{kMost, kMost}, {kMost, 1}, {1, kMost}, {100'000, 100'000}})
    EXPECT_THROW(to_rgb8({data, w, h, PixelFormat::kRgba8, 0}), Error) << w;
  for (const int bits : {-1, 7, 17, 1000}) {
    EXPECT_THROW(to_rgb8({data, 2, 2, PixelFormat::kGray16, 0, bits}), Error) << bits;
    EXPECT_THROW(to_rgb8({data, 2, 2, PixelFormat::kGray8, 0, bits}), Error) << bits;
  }
}

TEST(ToRgb8, RefusesWhatIsNoImage) {
  const std::uint8_t data[12] = {};
  EXPECT_THROW(to_rgb8({nullptr, 2, 2, PixelFormat::kGray8, 0}), Error);
  EXPECT_THROW(to_rgb8({data, 0, 2, PixelFormat::kGray8, 0}), Error);
  EXPECT_THROW(to_rgb8({data, 2, -2, PixelFormat::kGray8, 0}), Error);
  EXPECT_THROW(to_rgb8({data, 2, 2, PixelFormat::kRgb8, 5}), Error);
  EXPECT_THROW(to_rgb8({data, 2, 2, static_cast<PixelFormat>(77), 0}), Error);
}

TEST(ToNchw, NormalisesEachChannelIntoItsPlane) {
  const Image image{2, 1, {10, 20, 30, 40, 50, 60}};
  const Tensor x = to_nchw(image, {10, 20, 30}, {1, 2, 4});
  EXPECT_EQ(x.shape(), (Shape{1, 3, 1, 2}));
  const std::vector<float> expected = {0, 30, 0, 15, 0, 7.5f};
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), x.floats().begin()));
}

}  // namespace
}  // namespace anomalyvlm
