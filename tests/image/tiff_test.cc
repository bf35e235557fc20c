// Kinds of TIFF that are read without libtiff's own conversion, and the choice among pages.
#include <gmock/gmock.h>

#include <cstring>

#include "image/decoding.h"

namespace anomalyvlm {
namespace {

using namespace test;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Bytes random_bytes(std::size_t count) {
  const Image noise = noisy_image(static_cast<int>(count / 3 + 1), 1);
  return {noise.rgb.begin(), noise.rgb.begin() + static_cast<std::ptrdiff_t>(count)};
}

// Whatever lies in tiles must come out as it does from strips, also at edges that no tile fits.
TEST(Tiff, TilesGiveWhatStripsGive) {
  for (const unsigned bits : {8u, 16u, 12u}) {
    for (const unsigned samples : {1u, 2u, 3u, 4u, 5u}) {
      for (const unsigned planar : {1u, 2u}) {
        for (const unsigned photometric : {0u, 1u, 2u}) {
          if ((photometric == 2) != (samples >= 3)) continue;
          const unsigned pixel_bits = (planar == 2 ? 1 : samples) * bits;
          if (pixel_bits % 8 != 0) continue;  // such rows have no whole number of bytes
          for (const int extra : {-1, 1, 2}) {
            if (extra >= 0 && samples != 2 && samples != 4) continue;
            TiffOptions options{
                .samples = samples, .bits = bits, .photometric = photometric, .compression = 5};
            options.planar = planar;
            options.extra = extra;
            options.big_endian = bits == 16 && samples == 3;
            const Bytes rows = random_bytes(37 * 21 * samples * bits / 8);
            const Image strips = decode(make_tiff(37, 21, rows, options));
            options.tiled = true;
            EXPECT_EQ(decode(make_tiff(37, 21, rows, options)).rgb, strips.rgb)
                << bits << " bits, " << samples << " samples, planar " << planar << ", photometric "
                << photometric << ", extra " << extra;
          }
        }
      }
    }
  }
}

TEST(Tiff, TiledGreyKeepsItsRightEdge) {
  Bytes rows;
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 20; ++x) rows.push_back(static_cast<std::uint8_t>(10 * x + y)), rows.push_back(255);
  const TiffOptions options{.samples = 2, .photometric = 1, .extra = 2, .tiled = true};
  const Image image = decode(make_tiff(20, 20, rows, options));
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 20; ++x) ASSERT_EQ(image.row(y)[3 * x], 10 * x + y);
}

TEST(Tiff, PlanesOfSixteenBitsAndAlphaAreReadInStrips) {
  const std::uint16_t planes[] = {0, 65535, 257 * 7, 257 * 9, 257 * 3, 257 * 4, 65535, 65535};
  Bytes rows(sizeof planes);
  std::memcpy(rows.data(), planes, sizeof planes);
  const TiffOptions options{.samples = 4, .bits = 16, .planar = 2, .extra = 2};
  EXPECT_EQ(decode(make_tiff(2, 1, rows, options)).rgb, (Bytes{0, 7, 3, 255, 9, 4}));
}

TEST(Tiff, ReadsPackedBitsOfAnyNumber) {
  const auto packed = [](const std::vector<unsigned>& values, unsigned bits) {
    Bytes out;
    unsigned at = 0;
    for (const unsigned value : values)
      for (unsigned b = bits; b-- > 0; ++at) {
        if (at % 8 == 0) out.push_back(0);
        out.back() = static_cast<std::uint8_t>(out.back() | (value >> b & 1) << (7 - at % 8));
      }
    return out;
  };
  for (const unsigned bits : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 9u, 10u, 11u, 12u, 13u, 14u, 15u}) {
    const unsigned white = (1u << bits) - 1;
    const std::vector<unsigned> values = {0, white, white / 2, white, 1, 0, white};
    const TiffOptions options{.samples = 1, .bits = bits, .photometric = 1};
    std::vector<std::string> warnings;
    const Image image = decode(make_tiff(7, 1, packed(values, bits), options), &warnings);
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_EQ(image.rgb[3 * i], (values[i] * 510 + white) / (2 * white)) << bits;
    EXPECT_THAT(warnings, IsEmpty()) << "such files say how many bits they have";
  }
}

TEST(Tiff, TakesTheImageAndNotTheThumbnailBeforeIt) {
  const Image image = noisy_image(40, 30), thumbnail = noisy_image(8, 6, 2);
  const TiffPage small{8, 6, thumbnail.rgb, {.subfile_type = 1}}, full{40, 30, image.rgb};
  std::vector<std::string> warnings;
  EXPECT_EQ(decode(make_tiff({small, full}), &warnings).rgb, image.rgb);
  EXPECT_THAT(warnings, IsEmpty());
  EXPECT_EQ(decode(make_tiff({full, small}), &warnings).rgb, image.rgb);
  EXPECT_THAT(warnings, IsEmpty()) << "a thumbnail is not another page";
  TiffPage unmarked = small;
  unmarked.options.subfile_type = 0;
  EXPECT_EQ(decode(make_tiff({unmarked, full}), &warnings).rgb, image.rgb);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0], HasSubstr("only the largest"));
  EXPECT_EQ(decode(make_tiff({small})).rgb, thumbnail.rgb) << "there is nothing else";
}

TEST(Tiff, LooksIntoSubDirectories) {
  const Image image = noisy_image(40, 30), thumbnail = noisy_image(8, 6, 2);
  TiffPage small{8, 6, thumbnail.rgb, {.orientation = 3, .subfile_type = 1}, 1};
  const TiffPage full{40, 30, image.rgb};
  ReadInfo info;
  EXPECT_EQ(decode_image(make_tiff({small, full}), "test", {}, &info).rgb, upright(image, 3).rgb);
  EXPECT_EQ(info.orientation, 3) << "what the page says holds for its subdirectories";
  EXPECT_THAT(info.warnings, IsEmpty());
  TiffPage pyramid{40, 30, image.rgb, {}, 1};
  small.options.orientation = 0;
  small.subdirectories = 0;
  EXPECT_EQ(decode(make_tiff({pyramid, small})).rgb, image.rgb);
}

TEST(Tiff, RefusesRawDataOfACamera) {
  const TiffPage small{8, 6, noisy_image(8, 6).rgb, {.subfile_type = 1}, 1};
  const TiffPage raw{40, 30, Bytes(2400), {.samples = 1, .bits = 16, .photometric = 32803}};
  EXPECT_THAT(refusal(make_tiff({small, raw})), HasSubstr("raw data"));
}

TEST(Tiff, RefusesAThumbnailWhoseImageIsDamaged) {
  const TiffPage small{8, 6, noisy_image(8, 6).rgb, {.subfile_type = 1}}, full{4, 3, Bytes(36)};
  Bytes file = make_tiff({small, full});
  const auto at = [&](std::size_t i) {
    return file[i] | file[i + 1] << 8 | file[i + 2] << 16 | file[i + 3] << 24;
  };
  const auto first = static_cast<std::size_t>(at(4));
  const std::size_t next = first + 2 + 12 * static_cast<std::size_t>(file[first] | file[first + 1] << 8);
  file[static_cast<std::size_t>(at(next))] = 0xff;  // so many entries do not fit
  file[static_cast<std::size_t>(at(next)) + 1] = 0xff;
  EXPECT_THAT(refusal(file), HasSubstr("only a thumbnail"));
}

// libtiff alone refuses such files.
TEST(Tiff, MayTellAnotherLargestValueForEachChannel) {
  constexpr std::uint16_t kShort = 3, kLong = 4;
  constexpr std::uint32_t kPixels = 8 + 2 + 11 * 12 + 4;
  Bytes file = raw_tiff({{256, kLong, 1, 1},
                         {257, kLong, 1, 1},
                         {258, kShort, 3, kPixels + 6},
                         {259, kShort, 1, 1},
                         {262, kShort, 1, 2},
                         {273, kLong, 1, kPixels},
                         {277, kShort, 1, 3},
                         {278, kLong, 1, 1},
                         {279, kLong, 1, 6},
                         {280, kShort, 1, 0},
                         {281, kShort, 3, kPixels + 12}},
                        0);
  for (const std::uint16_t v : {4095, 0, 2048, 16, 16, 16, 4095, 4000, 1023})
    file.insert(file.end(), {static_cast<std::uint8_t>(v), static_cast<std::uint8_t>(v >> 8)});
  ReadInfo info;
  EXPECT_EQ(decode_image(file, "test", {}, &info).rgb, (Bytes{255, 0, 128}));
  EXPECT_EQ(info.bits, 12);
  EXPECT_FALSE(info.bits_guessed);
}

TEST(Tiff, WithoutAlphaInItUsesItsColors) {
  std::vector<std::string> warnings;
  const Bytes rgba = {10, 20, 30, 0, 40, 50, 60, 0};
  for (const int kind : {1, 2}) {
    EXPECT_EQ(decode(make_tiff(2, 1, rgba, {.samples = 4, .extra = kind}), &warnings).rgb,
              (Bytes{10, 20, 30, 40, 50, 60}));
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_THAT(warnings[0], HasSubstr("transparent all over"));
  }
}

}  // namespace
}  // namespace anomalyvlm
