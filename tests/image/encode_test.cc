// What is written can be read back: exactly, but for JPEG.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "anomalyvlm/codec.h"
#include "anomalyvlm/error.h"
#include "errors.h"
#include "image/color_map.h"
#include "image/fixtures.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

using namespace test;

TEST(Encode, FilesSayWhoWroteThem) {
  const FloatMap map{3, 2, {0, 1, 2, 3, 4, 5}};
  const Mask mask{3, 2, {0, 1, 0, 1, 1, 0}};
  const Image image = noisy_image(31, 23);
  EXPECT_EQ(software_of(encode_png(image, "some program")), "some program");
  EXPECT_EQ(software_of(encode_png(mask, "x")), "x");
  EXPECT_EQ(software_of(encode_png_gray8(map, 0, 1, "x")), "x");
  EXPECT_EQ(software_of(encode_png_gray16(map, 0, 1, "x")), "x");
  EXPECT_EQ(software_of(encode_tiff_f32(map, "some program")), "some program");
  EXPECT_EQ(software_of(encode_png(image)), "");
  EXPECT_EQ(software_of(encode_tiff_f32(map)), "");
  EXPECT_EQ(software_of(encode_jpeg(image)), "");
  EXPECT_EQ(software_of({}), "");
  const std::vector<std::uint8_t> whole = encode_tiff_f32(map, "x"), png = encode_png(mask, "x");
  for (std::size_t size = 0; size < whole.size(); ++size) software_of(std::span(whole).first(size));
  for (std::size_t size = 0; size < png.size(); ++size) software_of(std::span(png).first(size));
}

TEST(EncodePng, KeepsPixelsAndMasks) {
  const Image image = noisy_image(61, 43);
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

double mean_difference(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i) sum += std::abs(a.rgb[i] - b.rgb[i]);
  return sum / static_cast<double>(a.rgb.size());
}

TEST(EncodeJpeg, IsCloseAndSmall) {
  Image image{203, 117, {}};
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const bool thin_red_line = x == 100;
      for (const int c : {x, y, thin_red_line ? 0 : 128}) image.rgb.push_back(static_cast<std::uint8_t>(c));
      if (thin_red_line) image.rgb[image.rgb.size() - 3] = 255;
    }
  }
  const auto good = encode_jpeg(image), poor = encode_jpeg(image, 20);
  const Image back = decode_image(good, "jpeg");
  EXPECT_EQ(back.width, 203);
  EXPECT_EQ(back.height, 117);
  EXPECT_LT(mean_difference(back, image), 2.5);
  EXPECT_GT(back.row(60)[3 * 100], 215) << "colour is kept at full resolution";
  EXPECT_LT(good.size(), image.rgb.size() / 8);
  EXPECT_LT(poor.size(), good.size());
}

TEST(EncodeJpeg, TakesOnePixelAndRefusesTooManyInARow) {
  EXPECT_EQ(decode_image(encode_jpeg({1, 1, {10, 20, 30}}), "one").width, 1);
  const Image wide{65501, 1, std::vector<std::uint8_t>(3 * 65501)};
  EXPECT_THAT(test::error_of(ErrorKind::kIo, [&] { encode_jpeg(wide); }), ::testing::HasSubstr("65501 x 1"));
}

TEST(ColorMap, GoesFromBlueToRedAndClips) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Image image = color_map({5, 1, {2, -9, nan, 6, 99}}, 2, 6);
  const auto pixel = [&](int i) {
    return std::vector<std::uint8_t>(&image.rgb[3 * i], &image.rgb[3 * i] + 3);
  };
  EXPECT_GT(pixel(0)[2], pixel(0)[0]);
  EXPECT_EQ(pixel(1), pixel(0));
  EXPECT_EQ(pixel(2), pixel(0));
  EXPECT_GT(pixel(3)[0], pixel(3)[2]);
  EXPECT_EQ(pixel(4), pixel(3));
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
  EXPECT_THAT(test::error_of(ErrorKind::kIo, [] { write_png("/no such folder/x.png", noisy_image(2, 2)); }),
              ::testing::HasSubstr("/no such folder/x.png"));
}

}  // namespace
}  // namespace anomalyvlm
