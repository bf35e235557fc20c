// Files made to exhaust memory or time end quickly, in one clear sentence. Each runs in a process of its own,
// so that its peak memory can be measured.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anomalyvlm/codec.h"
#include "image/fixtures.h"
#include "subprocess.h"

namespace anomalyvlm {
namespace {

using namespace test;
using ::testing::HasSubstr;

Outcome decode_in_subprocess(const Bytes& bytes) {
  return run_in_subprocess([&] { decode_image(bytes, "test"); });
}

// Only the header is absurd: nearly nothing may be spent on it.
void expect_cheap_refusal(const Bytes& bytes, const std::string& what) {
  SCOPED_TRACE(what);
  const Outcome outcome = decode_in_subprocess(bytes);
  EXPECT_THAT(outcome.text, HasSubstr("'test' cannot be used: "));
  EXPECT_LT(outcome.seconds, 2);
  EXPECT_LT(outcome.megabytes, 300);
}

TEST(Hostile, PngHeaders) {
  for (const bool interlaced : {false, true}) {
    for (const std::size_t payload : {0, 200'000, 600'000}) {
      for (const auto& [w, h] :
           {std::pair{60000u, 60000u}, {12000u, 12000u}, {1u, 0x7fffffffu}, {0x7fffffffu, 1u}, {0u, 5u}}) {
        Bytes file = png_header(w, h, 8, 2, interlaced);
        append(file, png_chunk("IDAT", Bytes(payload, 0x78)));
        expect_cheap_refusal(file, "PNG " + std::to_string(w) + " x " + std::to_string(h));
      }
    }
  }
}

TEST(Hostile, PngThatReallyHoldsGigapixels) {
  const Bytes bomb = png_bomb(40000, 30000, 1, 0);
  EXPECT_LT(bomb.size(), 500'000u);
  expect_cheap_refusal(bomb, "a bomb");
}

TEST(Hostile, PngWithHugeTextAndPalette) {
  Bytes file = png_header(4, 4, 8, 3);
  append(file, png_chunk("PLTE", Bytes(3 * 300)));
  append(file, png_chunk("IDAT", Bytes(50)));
  expect_cheap_refusal(file, "palette of 300");
  Bytes text = {'k', 0, 0};
  const Bytes bomb = png_bomb(40000, 30000, 1, 0);  // any well-packed zeros
  text.insert(text.end(), bomb.begin() + 41, bomb.end());
  file = png_header(4, 4, 8, 2);
  for (int i = 0; i < 20; ++i) append(file, png_chunk("zTXt", text));
  for (int i = 0; i < 20; ++i) append(file, png_chunk("iCCP", text));
  expect_cheap_refusal(file, "text");
}

TEST(Hostile, JpegHeaders) {
  for (const bool progressive : {false, true}) {
    Bytes file = make_jpeg(noisy_image(32, 32), {.progressive = progressive});
    for (std::size_t i = 0; i + 8 < file.size(); ++i) {
      if (file[i] == 0xff && file[i + 1] == (progressive ? 0xc2 : 0xc0)) {
        for (const auto& [w, h] : {std::pair{0xffff, 0xffff}, {65500, 2400}, {12000, 12000}, {0, 0}}) {
          file[i + 5] = static_cast<std::uint8_t>(h >> 8), file[i + 6] = static_cast<std::uint8_t>(h);
          file[i + 7] = static_cast<std::uint8_t>(w >> 8), file[i + 8] = static_cast<std::uint8_t>(w);
          expect_cheap_refusal(file, "JPEG " + std::to_string(w) + " x " + std::to_string(h));
          Bytes padded = file;  // enough bytes for so many pixels, none of them meant
          padded.resize(400'000, 0x55);
          expect_cheap_refusal(padded, "padded JPEG " + std::to_string(w) + " x " + std::to_string(h));
        }
        break;
      }
    }
  }
}

TEST(Hostile, JpegOf18000Scans) {
  const Bytes file = jpeg_with_scans(3000, 2000, 18000);
  const Outcome outcome = decode_in_subprocess(file);
  EXPECT_THAT(outcome.text, HasSubstr("scans"));
  EXPECT_LT(outcome.seconds, 10);
  EXPECT_LT(outcome.megabytes, 300);
}

TEST(Hostile, TiffHeaders) {
  constexpr std::uint16_t kWidth = 256, kHeight = 257, kBits = 258, kCompression = 259, kPhotometric = 262,
                          kOffsets = 273, kSamples = 277, kRows = 278, kCounts = 279, kTileWidth = 322,
                          kTileLength = 323, kTileOffsets = 324, kTileCounts = 325;
  constexpr std::uint16_t kShort = 3, kLong = 4;
  const auto strips = [&](std::uint32_t w, std::uint32_t h, std::uint32_t rows, std::uint32_t bytes,
                          std::uint32_t compression, std::uint32_t samples, std::size_t payload) {
    return raw_tiff({{kWidth, kLong, 1, w},
                     {kHeight, kLong, 1, h},
                     {kBits, kShort, 1, 8},
                     {kCompression, kShort, 1, compression},
                     {kPhotometric, kShort, 1, samples == 3 ? 2u : 1u},
                     {kOffsets, kLong, 1, 200},
                     {kSamples, kShort, 1, samples},
                     {kRows, kLong, 1, rows},
                     {kCounts, kLong, 1, bytes}},
                    payload);
  };
  const auto tiles = [&](std::uint32_t w, std::uint32_t h, std::uint32_t tile, std::uint32_t count,
                         std::uint32_t compression, std::size_t payload) {
    return raw_tiff({{kWidth, kLong, 1, w},
                     {kHeight, kLong, 1, h},
                     {kBits, kShort, 1, 8},
                     {kCompression, kShort, 1, compression},
                     {kPhotometric, kShort, 1, 1},
                     {kSamples, kShort, 1, 1},
                     {kTileWidth, kLong, 1, tile},
                     {kTileLength, kLong, 1, tile},
                     {kTileOffsets, kLong, count, 200},
                     {kTileCounts, kLong, count, 300}},
                    payload);
  };
  for (const std::uint32_t compression : {1, 5, 7, 8, 32773, 50000}) {
    const std::string name = "compression " + std::to_string(compression) + ", ";
    expect_cheap_refusal(strips(60000, 60000, 60000, 100, compression, 3, 500), name + "gigapixels");
    expect_cheap_refusal(strips(0xffffffff, 0xffffffff, 1, 100, compression, 1, 500),
                         name + "largest numbers");
    expect_cheap_refusal(strips(12000, 12000, 12000, 300'000, compression, 3, 300'500), name + "one strip");
    expect_cheap_refusal(strips(12000, 12000, 1, 300'000, compression, 3, 300'500),
                         name + "one offset for many strips");
    expect_cheap_refusal(strips(1000, 1000, 1000, 0xffffffff, compression, 3, 500),
                         name + "strip beyond the file");
    expect_cheap_refusal(strips(1000, 1000, 0, 100, compression, 3, 500), name + "no rows in a strip");
    expect_cheap_refusal(tiles(100, 100, 0x10000000, 1, compression, 500), name + "huge tiles");
    expect_cheap_refusal(tiles(12000, 12000, 16, 0x7fffffff, compression, 200'000),
                         name + "absurd number of tiles");
    expect_cheap_refusal(tiles(100, 100, 0, 1, compression, 500), name + "tiles of nothing");
  }
  expect_cheap_refusal(raw_tiff({{kWidth, kLong, 0xffffffff, 8}, {kHeight, kLong, 1, 8}}, 10),
                       "absurd count");
  expect_cheap_refusal(raw_tiff({}, 10), "no entries");
}

TEST(Hostile, WebpHeaders) {
  Bytes lossless = {'R', 'I', 'F', 'F', 0,   0,    9,    0, 'W', 'E', 'B',
                    'P', 'V', 'P', '8', 'L', 0xf0, 0xff, 8, 0,   0x2f};
  append(lossless, {0xff, 0xff, 0xff, 0x0f});  // 16384 x 16384
  expect_cheap_refusal(lossless, "VP8L");
  lossless.resize(600'000, 0x33);
  expect_cheap_refusal(lossless, "padded VP8L");
  Bytes extended = {'R', 'I', 'F', 'F', 30, 0, 0, 0, 'W', 'E', 'B', 'P',
                    'V', 'P', '8', 'X', 10, 0, 0, 0, 0,   0,   0,   0};
  append(extended, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
  expect_cheap_refusal(extended, "VP8X");
  extended.resize(100);
  expect_cheap_refusal(extended, "padded VP8X");
}

TEST(Hostile, BmpHeaders) {
  const std::int32_t most = 0x7fffffff, least = -most - 1;
  for (const auto& [w, h] : {std::pair{most, most},
                             {most, 1},
                             {1, most},
                             {1, least},
                             {least, 1},
                             {12000, 12000},
                             {12000, -12000}}) {
    for (const int bits : {1, 8, 24, 32}) {
      expect_cheap_refusal(make_bmp({.width = w, .height = h, .bits = bits}, Bytes(200)), "BMP");
    }
  }
  expect_cheap_refusal({'B', 'M'}, "two bytes");
}

}  // namespace
}  // namespace anomalyvlm
