// EXIF orientations 1..8 in the four formats that carry them.
#include <gtest/gtest.h>

#include "anomalyvlm/codec.h"
#include "image/decoders.h"
#include "image/fixtures.h"

namespace anomalyvlm {
namespace {

using namespace test;

// By EXIF's own definition: where row r and column c of the stored image are seen.
Image stored_as(const Image& seen, int orientation) {
  const int w = seen.width, h = seen.height;
  const bool turned = orientation >= 5;
  Image stored{turned ? h : w, turned ? w : h, Bytes(seen.rgb.size())};
  for (int r = 0; r < stored.height; ++r) {
    for (int c = 0; c < stored.width; ++c) {
      const int across[] = {c, w - 1 - c, w - 1 - c, c, r, w - 1 - r, w - 1 - r, r};
      const int down[] = {r, r, h - 1 - r, h - 1 - r, c, c, h - 1 - c, h - 1 - c};
      const std::uint8_t* from = seen.row(down[orientation - 1]) + 3 * across[orientation - 1];
      std::copy(from, from + 3, stored.row(r) + 3 * c);
    }
  }
  return stored;
}

class Orientation : public ::testing::TestWithParam<int> {};

TEST_P(Orientation, IsAppliedInEveryFormat) {
  const int o = GetParam();
  const Image seen = noisy_image(150, 71), stored = stored_as(seen, o);
  const int w = stored.width, h = stored.height;
  const auto expect_seen = [&](const Image& image) {
    EXPECT_EQ(image.width, seen.width);
    EXPECT_EQ(image.rgb, seen.rgb);
  };
  expect_seen(decode_image(make_png(w, h, stored.rgb, {.orientation = o}), "png"));
  expect_seen(decode_image(make_tiff(w, h, stored.rgb, {.orientation = o}), "tiff"));
  expect_seen(decode_image(make_tiff(w, h, stored.rgb, {.orientation = o, .tiled = true}), "tiled tiff"));
  expect_seen(decode_image(webp_with_exif(make_webp(stored), w, h, exif_block(o)), "webp"));
  const Image smooth = smooth_image(90, 60);
  const Image from_jpeg = decode_image(make_jpeg(stored_as(smooth, o), {.orientation = o}), "jpeg");
  EXPECT_LE(max_difference(from_jpeg, smooth), 6);
}

INSTANTIATE_TEST_SUITE_P(All, Orientation, ::testing::Range(1, 9));

// The standard wants SHORT; some cameras' software stores LONG.
TEST(ExifOrientation, IsReadFromAnyIntegerInEveryFormat) {
  for (const int type : {1, 3, 4, 6, 8, 9}) {
    for (const bool big_endian : {false, true}) {
      const Bytes exif = exif_block(6, big_endian, type);
      EXPECT_EQ(codec::exif_orientation(exif), 6) << type;
      const Image stored = noisy_image(30, 20);
      for (const Bytes& file :
           {make_jpeg(stored, {.exif = exif}), make_png(30, 20, stored.rgb, {.exif = exif}),
            webp_with_exif(make_webp(stored), 30, 20, exif)}) {
        ReadInfo info;
        const Image seen = decode_image(file, "turned", {}, &info);
        EXPECT_EQ(std::pair(seen.width, seen.height), std::pair(20, 30)) << type;
        EXPECT_EQ(std::pair(info.stored_width, info.stored_height), std::pair(30, 20));
        EXPECT_EQ(info.orientation, 6);
      }
    }
  }
}

TEST(ExifOrientation, OfATiffIsReadFromALong) {
  constexpr std::uint16_t kLong = 4;
  const Bytes file = raw_tiff({{256, kLong, 1, 3},
                               {257, kLong, 1, 2},
                               {258, kLong, 1, 8},
                               {262, kLong, 1, 1},
                               {273, kLong, 1, 8},
                               {274, kLong, 1, 6},
                               {278, kLong, 1, 2},
                               {279, kLong, 1, 6}},
                              0);
  EXPECT_EQ(decode_image(file, "turned").width, 2);
}

TEST(ExifOrientation, OutsideOfTheEntryIsFollowed) {
  Bytes block = exif_block(1);
  block[26] = 4, block[27] = 0;  // four SHORTs do not fit into the entry: it holds their place
  block[30] = static_cast<std::uint8_t>(block.size()), block[31] = 0;
  append(block, {8, 0, 8, 0, 8, 0, 8, 0});
  EXPECT_EQ(codec::exif_orientation(block), 8);
  block[30] = 0xf0;
  EXPECT_EQ(codec::exif_orientation(block), 1);
}

TEST(ExifOrientation, ReadsBothByteOrdersAndIgnoresDamage) {
  EXPECT_EQ(codec::exif_orientation(exif_block(6, false)), 6);
  EXPECT_EQ(codec::exif_orientation(exif_block(8, true)), 8);
  EXPECT_EQ(codec::exif_orientation(exif_block(9)), 1);
  const Bytes block = exif_block(6);
  for (std::size_t n = 0; n < block.size(); ++n) {
    EXPECT_LE(codec::exif_orientation(std::span(block).first(n)), 8) << n;
  }
  Bytes far = block;
  far[4] = far[5] = far[6] = far[7] = 0xff;  // the directory is said to lie beyond the end
  EXPECT_EQ(codec::exif_orientation(far), 1);
}

}  // namespace
}  // namespace anomalyvlm
