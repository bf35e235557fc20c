// What is written can be read back, exactly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "anomalyvlm/error.h"
#include "errors.h"
#include "image/codec.h"
#include "image/fixtures.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

using namespace test;

TEST(EncodePng, KeepsPixelsAndMasks) {
  const Image image = noisy_picture(61, 43);
  EXPECT_EQ(decode_image(encode_png(image), "png").rgb, image.rgb);
  const Mask mask{3, 2, {0, 1, 0, 1, 1, 0}};
  const Image back = decode_image(encode_png(mask), "mask");
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(back.rgb[3 * i], mask.values[i] ? 255 : 0);
}

TEST(EncodePng, QuantisesMapsAndClips) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const FloatMap map{8, 1, {0, 1, 0.5f, -3, 7, nan, inf, -inf}};
  const Image eight = decode_image(encode_png_gray8(map, 0, 1), "8");
  const Image sixteen = decode_image(encode_png_gray16(map, 0, 1), "16");
  const int expected[] = {0, 255, 128, 0, 255, 0, 255, 0};
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(eight.rgb[3 * i], expected[i]) << i;
    EXPECT_EQ(sixteen.rgb[3 * i], expected[i]) << i;
  }
}

TEST(TiffF32, KeepsEveryBit) {
  FloatMap map = noisy_map(1031, 257);
  map.values[3] = std::numeric_limits<float>::infinity();
  map.values[4] = -0.0f;
  const test::TemporaryFolder folder;
  const std::string path = folder / "map.tiff";
  write_tiff_f32(path, map);
  const FloatMap back = read_tiff_f32(path);
  EXPECT_EQ(back.width, map.width);
  EXPECT_EQ(back.height, map.height);
  EXPECT_EQ(std::memcmp(back.values.data(), map.values.data(), map.values.size() * 4), 0);
}

TEST(TiffF32, RefusesOtherTiffsAndDamage) {
  EXPECT_THROW(decode_tiff_f32(make_tiff(3, 2, Bytes(18)), "rgb"), Error);
  Bytes file = encode_tiff_f32(noisy_map(50, 40));
  for (std::size_t n = 0; n < file.size(); n += 503)
    EXPECT_THROW(decode_tiff_f32(std::span(file).first(n), "cut"), Error);
}

TEST(WritePng, SaysWhatItCannotWrite) {
  EXPECT_THAT(test::error_of(ErrorKind::kIo, [] { write_png("/no such folder/x.png", noisy_picture(2, 2)); }),
              ::testing::HasSubstr("/no such folder/x.png"));
}

}  // namespace
}  // namespace anomalyvlm
