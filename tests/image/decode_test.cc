// Each format and kind of pixel, encoded by the codec libraries or by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "anomalyvlm/error.h"
#include "errors.h"
#include "image/decoding.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

using namespace test;
using ::testing::HasSubstr;

Image gray_of(const Image& image) {
  Image gray = image;
  for (std::size_t i = 0; i < gray.rgb.size(); i += 3) gray.rgb[i + 1] = gray.rgb[i + 2] = gray.rgb[i];
  return gray;
}

TEST(Jpeg, ReadsColorGrayProgressiveAndArithmetic) {
  const Image image = smooth_image(83, 61);
  EXPECT_LE(max_difference(decode(make_jpeg(image)), image), 6);
  EXPECT_LE(max_difference(decode(make_jpeg(image, {.progressive = true})), image), 6);
  EXPECT_LE(max_difference(decode(make_jpeg(image, {.arithmetic = true})), image), 6);
  EXPECT_LE(max_difference(decode(make_jpeg(image, {.space = JpegOptions::Space::kGray})), gray_of(image)),
            6);
}

TEST(Jpeg, ReadsInksOfEitherPolarity) {
  const Image image = smooth_image(64, 48);
  for (const auto space : {JpegOptions::Space::kCmyk, JpegOptions::Space::kYcck}) {
    EXPECT_LE(max_difference(decode(make_jpeg(image, {.space = space})), image), 8);
  }
  const JpegOptions plain{.space = JpegOptions::Space::kCmyk, .adobe_marker = false};
  EXPECT_LE(max_difference(decode(make_jpeg(image, plain)), image), 8);
}

TEST(Jpeg, RefusesEveryTruncation) {
  for (const bool progressive : {false, true}) {
    const Bytes whole = make_jpeg(noisy_image(40, 40), {.progressive = progressive});
    for (std::size_t n = 3; n + 8 < whole.size(); n += 97) {
      EXPECT_THAT(refusal(Bytes(whole.begin(), whole.begin() + n)), HasSubstr("cannot be used")) << n;
    }
  }
}

TEST(Png, ReadsRgbInterlacedAndNot) {
  const Image image = noisy_image(37, 29);
  EXPECT_EQ(decode(make_png(37, 29, image.rgb)).rgb, image.rgb);
  EXPECT_EQ(decode(make_png(37, 29, image.rgb, {.interlaced = true})).rgb, image.rgb);
}

TEST(Png, RoundsSixteenBitsAsTheNearestByte) {
  Bytes rows;
  for (int v = 0; v < 65536; ++v)
    rows.insert(rows.end(), {static_cast<std::uint8_t>(v >> 8), static_cast<std::uint8_t>(v)});
  const Image image = decode(make_png(256, 256, rows, {.color_type = 0, .bits = 16}));
  for (unsigned v = 0; v < 65536; ++v) ASSERT_EQ(image.rgb[3 * v], (v + 128) / 257) << v;
}

TEST(Png, SpreadsOneTwoAndFourBitGray) {
  EXPECT_EQ(decode(make_png(2, 1, {0x40}, {.color_type = 0, .bits = 1})).rgb,
            (Bytes{0, 0, 0, 255, 255, 255}));
  EXPECT_EQ(decode(make_png(2, 1, {0x60}, {.color_type = 0, .bits = 2})).rgb,
            (Bytes{85, 85, 85, 170, 170, 170}));
  EXPECT_EQ(decode(make_png(2, 1, {0x1f}, {.color_type = 0, .bits = 4})).rgb,
            (Bytes{17, 17, 17, 255, 255, 255}));
}

TEST(Png, ResolvesPalettesWithAndWithoutAlpha) {
  PngOptions options{.color_type = 3};
  options.palette = {{10, 20, 30}, {200, 100, 0}};
  EXPECT_EQ(decode(make_png(2, 1, {1, 0}, options)).rgb, (Bytes{200, 100, 0, 10, 20, 30}));
  options.palette_alpha = {255, 0};
  EXPECT_EQ(decode(make_png(2, 1, {1, 0}, options)).rgb, (Bytes{255, 255, 255, 10, 20, 30}));
}

TEST(Png, CompositesAlphaOverWhite) {
  const Bytes rgba = {10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 200, 128};
  const Bytes expected = {10, 20, 30, 255, 255, 255, 127, 177, 227};
  EXPECT_EQ(decode(make_png(3, 1, rgba, {.color_type = 6})).rgb, expected);
  EXPECT_EQ(decode(make_png(3, 1, rgba, {.color_type = 6, .interlaced = true})).rgb, expected);
  EXPECT_EQ(decode(make_png(2, 1, {50, 255, 50, 0}, {.color_type = 4})).rgb,
            (Bytes{50, 50, 50, 255, 255, 255}));
  EXPECT_EQ(decode(make_png(2, 1, {50, 60}, {.color_type = 0, .transparent_gray = 60})).rgb,
            (Bytes{50, 50, 50, 255, 255, 255}));
}

TEST(Png, RefusesAWrongCheckSumAndEveryTruncation) {
  Bytes file = make_png(30, 30, noisy_image(30, 30).rgb);
  for (std::size_t n = 8; n < file.size(); n += 41) {
    EXPECT_THAT(refusal(Bytes(file.begin(), file.begin() + n)), HasSubstr("cannot be")) << n;
  }
  file[file.size() - 13] ^= 1;  // the last chunk of pixels
  EXPECT_THAT(refusal(file), HasSubstr("checksum"));
}

TEST(Tiff, ReadsGrayAndColorOfEightAndSixteenBits) {
  const Image image = noisy_image(33, 25);
  for (const unsigned compression : {1u, 5u, 8u, 32773u}) {
    for (const bool big : {false, true}) {
      EXPECT_EQ(decode(make_tiff(33, 25, image.rgb, {.compression = compression, .big_endian = big})).rgb,
                image.rgb);
    }
  }
  std::vector<std::uint16_t> wide;
  for (const auto v : image.rgb) wide.push_back(static_cast<std::uint16_t>(v * 257 + (v < 128 ? 100 : -100)));
  Bytes rows(wide.size() * 2);
  std::memcpy(rows.data(), wide.data(), rows.size());
  EXPECT_EQ(decode(make_tiff(33, 25, rows, {.bits = 16, .compression = 5})).rgb, image.rgb);
  EXPECT_EQ(decode(make_tiff(33, 25, rows, {.bits = 16, .big_endian = true})).rgb, image.rgb);
  EXPECT_EQ(decode(make_tiff(99, 25, rows, {.samples = 1, .bits = 16, .photometric = 1})).rgb[3 * 50],
            image.rgb[50]);
}

TEST(Tiff, ReadsTilesPlanesWhiteAsZeroAndPalettes) {
  const Image image = noisy_image(33, 25);
  EXPECT_EQ(decode(make_tiff(33, 25, image.rgb, {.compression = 5, .tiled = true})).rgb, image.rgb);
  Bytes planes;
  for (int c = 0; c < 3; ++c) {
    for (std::size_t i = c; i < image.rgb.size(); i += 3) planes.push_back(image.rgb[i]);
  }
  EXPECT_EQ(decode(make_tiff(33, 25, planes, {.planar = 2})).rgb, image.rgb);
  EXPECT_EQ(decode(make_tiff(2, 1, {0, 200}, {.samples = 1, .photometric = 0})).rgb,
            (Bytes{255, 255, 255, 55, 55, 55}));
  EXPECT_EQ(decode(make_tiff(8, 1, {0xa0}, {.samples = 1, .bits = 1, .photometric = 1})).rgb[6], 255);
  TiffOptions palette{.samples = 1, .photometric = 3};
  palette.color_map.resize(3 * 256);
  palette.color_map[5] = 65535, palette.color_map[256 + 5] = 257 * 7, palette.color_map[512 + 5] = 0;
  EXPECT_EQ(decode(make_tiff(1, 1, {5}, palette)).rgb, (Bytes{255, 7, 0}));
}

TEST(Tiff, TreatsAlphaByItsKind) {
  const TiffOptions plain{.samples = 4, .extra = 0}, premultiplied{.samples = 4, .extra = 1},
      straight{.samples = 4, .extra = 2};
  const Bytes rgba = {10, 20, 30, 128};
  EXPECT_EQ(decode(make_tiff(1, 1, rgba, plain)).rgb, (Bytes{10, 20, 30}));
  EXPECT_EQ(decode(make_tiff(1, 1, rgba, premultiplied)).rgb, (Bytes{137, 147, 157}));
  EXPECT_EQ(decode(make_tiff(1, 1, rgba, straight)).rgb, (Bytes{132, 137, 142}));
}

TEST(Tiff, RefusesFloatsAndWarnsOfFurtherPages) {
  EXPECT_THAT(refusal(make_tiff(1, 1, Bytes(4), {.samples = 1, .bits = 32, .photometric = 1, .format = 3})),
              HasSubstr("floating-point"));
  EXPECT_THAT(refusal(make_tiff(1, 1, Bytes(4), {.samples = 1, .bits = 32, .photometric = 1})),
              HasSubstr("32 bits"));
  std::vector<std::string> warnings;
  decode(make_tiff(3, 2, Bytes(18), {.pages = 2}), &warnings);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0], HasSubstr("several pages"));
}

TEST(Tiff, RefusesTruncations) {
  for (const unsigned compression : {1u, 5u, 8u}) {
    const Bytes file = make_tiff(60, 60, noisy_image(60, 60).rgb, {.compression = compression});
    for (std::size_t n = 4; n + 200 < file.size(); n += 211) {
      EXPECT_THAT(refusal(Bytes(file.begin(), file.begin() + n)), HasSubstr("cannot be used")) << n;
    }
  }
}

TEST(Webp, ReadsColorAndAlpha) {
  const Image image = noisy_image(31, 23);
  EXPECT_EQ(decode(make_webp(image)).rgb, image.rgb);
  const Bytes rgba = {10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 200, 128};
  EXPECT_EQ(decode(make_webp_rgba(3, 1, rgba)).rgb, (Bytes{10, 20, 30, 255, 255, 255, 127, 177, 227}));
  const Bytes file = make_webp(image);
  for (std::size_t n = 12; n < file.size(); n += 101) {
    EXPECT_THAT(refusal(Bytes(file.begin(), file.begin() + n)), HasSubstr("cannot be used")) << n;
  }
}

TEST(Decode, KeepsTheColorsOfWhatIsTransparentAllOver) {
  const Bytes rgba = {10, 20, 30, 0, 40, 50, 60, 0}, rgb = {10, 20, 30, 40, 50, 60};
  for (const Bytes& file : {make_png(2, 1, rgba, {.color_type = 6}), make_webp_rgba(2, 1, rgba)}) {
    std::vector<std::string> warnings;
    EXPECT_EQ(decode(file, &warnings).rgb, rgb);
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_THAT(warnings[0], HasSubstr("transparent all over"));
  }
  EXPECT_EQ(decode(make_png(2, 1, {50, 0, 60, 0}, {.color_type = 4})).rgb, (Bytes{50, 50, 50, 60, 60, 60}));
  EXPECT_EQ(decode(make_png(2, 1, {0, 50, 0, 0, 0, 60, 0, 0}, {.color_type = 4, .bits = 16})).rgb,
            (Bytes{50, 50, 50, 60, 60, 60}));
  EXPECT_EQ(decode(make_bmp({.width = 1, .height = 1, .bits = 32}, {3, 2, 1, 0})).rgb, (Bytes{1, 2, 3}));
}

TEST(Decode, DropsAlphaWhereAskedTo) {
  const ReadOptions options{.alpha = ReadOptions::Alpha::kDropped};
  const auto colors = [&](const Bytes& file) { return decode_image(file, "an image", options).rgb; };
  const Bytes rgba = {10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 200, 128};
  const Bytes rgb = {10, 20, 30, 10, 20, 30, 0, 100, 200};
  EXPECT_EQ(colors(make_png(3, 1, rgba, {.color_type = 6})), rgb);
  EXPECT_EQ(colors(make_png(2, 1, {50, 255, 60, 0}, {.color_type = 4})), (Bytes{50, 50, 50, 60, 60, 60}));
  EXPECT_EQ(colors(make_tiff(3, 1, rgba, {.samples = 4, .extra = 2})), rgb);
  PngOptions palette{.color_type = 3};
  palette.palette = {{10, 20, 30}, {200, 100, 0}};
  palette.palette_alpha = {255, 0};
  EXPECT_EQ(colors(make_png(2, 1, {1, 0}, palette)), (Bytes{200, 100, 0, 10, 20, 30}));
  // Lossless WebP as it is written here does not keep colors that cannot be seen.
  const Bytes seen = {10, 20, 30, 255, 0, 100, 200, 128};
  EXPECT_EQ(colors(make_webp_rgba(2, 1, seen)), (Bytes{10, 20, 30, 0, 100, 200}));
}

TEST(Bmp, ReadsEveryDepthFromEitherEnd) {
  const Bytes two_rows = {3, 2, 1, 6, 5, 4, 0, 0, 9, 8, 7, 12, 11, 10, 0, 0};  // 2 x 2, blue first
  const Bytes top_first = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
              bottom_first = {7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6};
  EXPECT_EQ(decode(make_bmp({.width = 2, .height = -2}, two_rows)).rgb, top_first);
  EXPECT_EQ(decode(make_bmp({.width = 2, .height = 2}, two_rows)).rgb, bottom_first);
  EXPECT_EQ(decode(make_bmp({.header_bytes = 12, .width = 2, .height = 2}, two_rows)).rgb, bottom_first);
  EXPECT_EQ(decode(make_bmp({.header_bytes = 124, .width = 2, .height = 2}, two_rows)).rgb, bottom_first);
  EXPECT_EQ(decode(make_bmp({.width = 1, .height = 1, .bits = 32}, {3, 2, 1, 0})).rgb, (Bytes{1, 2, 3}));
  EXPECT_EQ(decode(make_bmp({.width = 1, .height = 1, .bits = 16}, {0x1f, 0x7c, 0, 0})).rgb,
            (Bytes{255, 0, 255}));
  const BmpOptions fields{
      .width = 1, .height = 1, .bits = 16, .compression = 3, .masks = {0xf800, 0x07e0, 0x001f}};
  EXPECT_EQ(decode(make_bmp(fields, {0xe0, 0x07, 0, 0})).rgb, (Bytes{0, 255, 0}));
  BmpOptions palette{.width = 3, .height = 1, .bits = 8, .palette = {{1, 2, 3}, {4, 5, 6}}};
  EXPECT_EQ(decode(make_bmp(palette, {1, 0, 77, 0})).rgb, (Bytes{4, 5, 6, 1, 2, 3, 0, 0, 0}));
  palette.bits = 4;
  EXPECT_EQ(decode(make_bmp(palette, {0x10, 0x10, 0, 0})).rgb, (Bytes{4, 5, 6, 1, 2, 3, 4, 5, 6}));
  palette.bits = 1;
  EXPECT_EQ(decode(make_bmp(palette, {0xa0, 0, 0, 0})).rgb, (Bytes{4, 5, 6, 1, 2, 3, 4, 5, 6}));
}

TEST(Bmp, RefusesOddDepthsAndTruncation) {
  EXPECT_THAT(refusal(make_bmp({.width = 1, .height = 1, .bits = 13}, Bytes(8))), HasSubstr("13 bits"));
  EXPECT_THAT(refusal(make_bmp({.width = 2, .height = 3}, Bytes(16))), HasSubstr("cut short"));
  EXPECT_THAT(refusal(make_bmp({.header_bytes = 40, .width = -2, .height = 3}, Bytes(99))),
              HasSubstr("width of -2"));
  EXPECT_THAT(refusal(make_bmp({.width = 0, .height = 0}, {})), HasSubstr("no pixels"));
}

TEST(Bmp, FindsThePixelsWhereTheHeaderDoesNotTell) {
  const Image image = noisy_image(7, 5);
  Bytes rows;
  for (int y = 4; y >= 0; --y) {
    for (int x = 0; x < 7; ++x)
      rows.insert(rows.end(), {image.row(y)[3 * x + 2], image.row(y)[3 * x + 1], image.row(y)[3 * x]});
    rows.insert(rows.end(), 3, 0);
  }
  for (const int header : {12, 16, 40, 64, 108, 124}) {
    for (const int at : {-1, 0, 14}) {
      const BmpOptions options{.header_bytes = header, .width = 7, .height = 5, .pixels_at = at};
      EXPECT_EQ(decode(make_bmp(options, rows)).rgb, image.rgb) << header << " " << at;
    }
  }
  BmpOptions palette{.width = 3, .height = 1, .bits = 8, .palette = {{1, 2, 3}, {4, 5, 6}}};
  for (const int at : {0, 54}) {  // 54: where the palette begins
    palette.pixels_at = at;
    EXPECT_EQ(decode(make_bmp(palette, {1, 0, 1, 0})).rgb, (Bytes{4, 5, 6, 1, 2, 3, 4, 5, 6}));
  }
}

TEST(Bmp, MissesNothingWhereTheLastRowIsNotFilledUp) {
  EXPECT_EQ(decode(make_bmp({.width = 1, .height = 2}, {6, 5, 4, 0, 3, 2, 1})).rgb,
            (Bytes{1, 2, 3, 4, 5, 6}));
  EXPECT_THAT(refusal(make_bmp({.width = 1, .height = 2}, {6, 5, 4, 0, 3, 2})), HasSubstr("cut short"));
}

TEST(Bmp, ReadsRunLengthCodes) {
  const BmpOptions bytes{.width = 5,
                         .height = 3,
                         .bits = 8,
                         .compression = 1,
                         .palette = {{0, 0, 0}, {1, 1, 1}, {2, 2, 2}, {9, 9, 9}}};
  // A run and numbers as they are, filled up to an even number; then a jump; then the end.
  const Bytes codes = {2, 1, 0, 3, 2, 3, 2, 0, 0, 0, 0, 2, 3, 0, 2, 3, 0, 0, 5, 2, 0, 1};
  std::vector<std::string> warnings;
  const Image image = decode(make_bmp(bytes, codes), &warnings);
  const Bytes levels = {2, 2, 2, 2, 2, 0, 0, 0, 9, 9, 1, 1, 2, 9, 2};
  for (std::size_t i = 0; i < levels.size(); ++i) EXPECT_EQ(image.rgb[3 * i], levels[i]) << i;
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0], HasSubstr("leave out 3 of 15"));
  EXPECT_THAT(refusal(make_bmp(bytes, {5, 1, 0, 0, 5, 1})), HasSubstr("cut short"));
  EXPECT_EQ(refusal(make_bmp(bytes, {5, 1, 0, 0, 5, 1, 0, 0, 9, 1})), "(loaded)");  // no end, but all pixels

  const BmpOptions halves{.width = 5, .height = 1, .bits = 4, .compression = 2, .palette = bytes.palette};
  const Image mixed = decode(make_bmp(halves, {3, 0x12, 0, 3, 0x30, 0x10, 0, 1}));
  const Bytes few = {1, 2, 1, 9, 0};
  for (std::size_t i = 0; i < few.size(); ++i) EXPECT_EQ(mixed.rgb[3 * i], few[i]) << i;
}

TEST(Decode, NamesWhatIsNotAnImage) {
  EXPECT_THAT(refusal({}), HasSubstr("empty"));
  EXPECT_THAT(refusal({'h', 'e', 'l', 'l', 'o'}), HasSubstr("not a JPEG, PNG, TIFF, BMP, WebP"));
  EXPECT_THAT(refusal({'G', 'I', 'F', '8', '9', 'a'}), HasSubstr("GIF"));
}

TEST(Decode, ObeysItsLimits) {
  const Bytes file = make_png(40, 30, Bytes(40 * 30 * 3));
  EXPECT_THAT(refusal(file, {.limits = {.max_pixels = 1199}}), HasSubstr("40 x 30"));
  EXPECT_EQ(refusal(file, {.limits = {.max_pixels = 1200}}), "(loaded)");
  EXPECT_THAT(refusal(file, {.limits = {.max_side = 39}}), HasSubstr("40 x 30"));
  EXPECT_THAT(refusal(file, {.limits = {.max_file_bytes = 20}}), HasSubstr("bytes"));
}

TEST(ReadImage, NamesTheFileAndTheReason) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(read_image(folder / "there is no such file.png"), Error);
  EXPECT_THROW(read_image(folder.path()), Error);
  const std::string path = folder / "wrong_name.jpg";  // it is a PNG
  const Image image = noisy_image(5, 4);
  write_png(path, image);
  EXPECT_EQ(read_image(path).rgb, image.rgb);
  std::ofstream(path) << "not an image";
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [&] { read_image(path); }), HasSubstr("wrong_name.jpg"));
}

}  // namespace
}  // namespace anomalyvlm
