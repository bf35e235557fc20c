// 16-bit files of which only the lowest bits are used, as cameras of 10, 12 or 14 bits leave them.
#include <gmock/gmock.h>

#include <cstring>

#include "core/platform.h"
#include "image/common_bits.h"
#include "image/decoding.h"
#include "image/samples.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

using namespace test;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A ramp from black to white of so many bits, each value once or so.
std::vector<std::uint16_t> ramp(int bits) {
  std::vector<std::uint16_t> values;
  for (unsigned i = 0; i < 1000; ++i)
    values.push_back(static_cast<std::uint16_t>(i * ((1u << bits) - 1) / 999));
  return values;
}

Bytes native(const std::vector<std::uint16_t>& values) {
  Bytes bytes(values.size() * 2);
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

Bytes big_endian(const std::vector<std::uint16_t>& values) {
  Bytes bytes;
  for (const unsigned v : values)
    bytes.insert(bytes.end(), {static_cast<std::uint8_t>(v >> 8), static_cast<std::uint8_t>(v)});
  return bytes;
}

Bytes as_png(const std::vector<std::uint16_t>& values, int significant = 0) {
  return make_png(static_cast<int>(values.size()), 1, big_endian(values),
                  {.color_type = 0, .bits = 16, .significant_bits = significant});
}

Bytes as_tiff(const std::vector<std::uint16_t>& values, int max_sample = -1) {
  return make_tiff(static_cast<unsigned>(values.size()), 1, native(values),
                   {.samples = 1, .bits = 16, .photometric = 1, .max_sample = max_sample});
}

Bytes as_pgm(const std::vector<std::uint16_t>& values, int largest = 65535) {
  Bytes file;
  for (const char c : "P5\n" + std::to_string(values.size()) + " 1\n" + std::to_string(largest) + "\n")
    file.push_back(static_cast<std::uint8_t>(c));
  append(file, big_endian(values));
  return file;
}

void expect_ramp(const Image& image, int bits) {
  const auto values = ramp(bits);
  const unsigned white = (1u << bits) - 1;
  for (std::size_t i = 0; i < values.size(); ++i)
    ASSERT_EQ(image.rgb[3 * i], (510u * values[i] + white) / (2 * white)) << i;
}

TEST(Bits, AreGuessedWithAWord) {
  for (const auto& [used, taken] : {std::pair{8, 8}, {10, 10}, {12, 12}, {14, 14}}) {
    for (const Bytes& file :
         {as_png(ramp(used)), as_tiff(ramp(used)), as_pgm(ramp(used)), as_tiff(ramp(used), 65535)}) {
      ReadInfo info;
      expect_ramp(decode_image(file, "test", {}, &info), taken);
      EXPECT_EQ(info.bits, taken);
      EXPECT_TRUE(info.bits_guessed);
      ASSERT_EQ(info.warnings.size(), 1u);
      EXPECT_THAT(info.warnings[0], HasSubstr("the lowest " + std::to_string(taken)));
    }
  }
  for (const auto& [used, taken] : {std::pair{9, 10}, {11, 12}, {13, 14}, {15, 16}, {16, 16}}) {
    ReadInfo info;
    decode_image(as_png(ramp(used)), "test", {}, &info);
    EXPECT_EQ(info.bits, taken) << used;
  }
}

TEST(Bits, ThatAreDeclaredAreTakenWithoutAWord) {
  for (const int bits : {8, 9, 10, 11, 12, 13, 14, 15}) {
    const int largest = (1 << bits) - 1;
    for (const Bytes& file : {as_png(ramp(bits), bits), as_tiff(ramp(bits), largest),
                              as_pgm(ramp(bits), std::max(largest, 256))}) {
      ReadInfo info;
      const Image image = decode_image(file, "test", {}, &info);
      if (bits > 8) expect_ramp(image, bits);
      EXPECT_THAT(info.warnings, IsEmpty()) << bits;
      EXPECT_FALSE(info.bits_guessed);
    }
  }
}

TEST(Bits, ThatContradictTheValuesAreNotBelieved) {
  ReadInfo info;
  expect_ramp(decode_image(as_tiff(ramp(12), 1023), "test", {}, &info), 12);
  EXPECT_TRUE(info.bits_guessed);
  EXPECT_THAT(refusal(as_pgm(ramp(12), 1023)), HasSubstr("1023"));
}

TEST(Bits, OfASbitThatIsTooSmallAreGuessed) {
  for (const int bits : {12, 14}) {
    ReadInfo info;
    expect_ramp(decode_image(as_png(ramp(bits), 10), "test", {}, &info), bits);
    EXPECT_TRUE(info.bits_guessed);
    EXPECT_EQ(info.warnings.size(), 1u);
  }
  for (const unsigned bits : {9u, 11u, 13u, 15u})  // spread as they should be, over all of the range and dark
    for (const unsigned share : {1u, 2u, 4u, 8u}) {
      std::vector<std::uint16_t> spread;
      for (unsigned v = 0; v < (1u << bits) / share; ++v)
        spread.push_back(static_cast<std::uint16_t>(v << (16 - bits) | v >> (2 * bits - 16)));
      ReadInfo info;
      decode_image(as_png(spread, static_cast<int>(bits)), "test", {}, &info);
      EXPECT_EQ(info.bits, 16) << bits << " of " << share;
      EXPECT_FALSE(info.bits_guessed) << bits << " of " << share;
    }
}

// PNG's own way: values are spread over all 16 bits, and sBIT tells how many there were.
TEST(Bits, SpreadAsPngWantsItAreRead) {
  std::vector<std::uint16_t> spread, dark;
  for (const unsigned v : ramp(12)) {
    spread.push_back(static_cast<std::uint16_t>(v << 4 | v >> 8));
    dark.push_back(static_cast<std::uint16_t>(v / 20 << 4));
  }
  std::vector<std::string> warnings;
  EXPECT_EQ(decode(as_png(spread, 12), &warnings).rgb.back(), 255);
  EXPECT_THAT(warnings, IsEmpty());
  EXPECT_EQ(decode(as_png(dark, 12), &warnings).rgb.back(), 13);
  EXPECT_THAT(warnings, IsEmpty());
}

// Values with nothing in their lowest bits, and bytes times 257, show what their writer did.
TEST(Bits, OfDarkImagesThatUseAllSixteenAreKept) {
  std::vector<std::uint16_t> shifted, repeated;
  for (unsigned v = 0; v < 60; ++v) {
    shifted.push_back(static_cast<std::uint16_t>(v << 6));
    repeated.push_back(static_cast<std::uint16_t>(v * 257));
  }
  std::vector<std::string> warnings;
  EXPECT_EQ(decode(as_png(shifted), &warnings).rgb.back(), 15);
  EXPECT_THAT(warnings, IsEmpty());
  EXPECT_EQ(decode(as_png(repeated), &warnings).rgb.back(), 59);
  EXPECT_THAT(warnings, IsEmpty());
  EXPECT_EQ(decode(as_png(std::vector<std::uint16_t>(9, 0)), &warnings).rgb, Bytes(27));
  EXPECT_THAT(warnings, IsEmpty());
}

TEST(Bits, CanBeSaidOutright) {
  for (const Bytes& file :
       {as_png(ramp(12)), as_png(ramp(12), 14), as_tiff(ramp(12), 4095), as_pgm(ramp(12), 4095)}) {
    ReadInfo info;
    const Image dark = decode_image(file, "test", {.bits = 16}, &info);
    EXPECT_EQ(dark.rgb.back(), 16);
    EXPECT_THAT(info.warnings, IsEmpty());
    EXPECT_EQ(decode_image(file, "test", {.bits = 13}).rgb.back(), 127);
    EXPECT_THAT(refusal(file, {.bits = 10}), HasSubstr("say 12 bits or more"));
  }
  const Image eight = noisy_image(5, 5);
  EXPECT_EQ(decode_image(make_png(5, 5, eight.rgb), "test", {.bits = 12}).rgb, eight.rgb);
  for (const int bits : {-1, 7, 17})
    EXPECT_THROW(decode_image(as_png(ramp(12)), "test", {.bits = bits}), Error);
}

TEST(Bits, CanBeAssumedInPlaceOfAGuess) {
  ReadInfo info;
  EXPECT_EQ(decode_image(as_png(ramp(10)), "test", {.assumed_bits = 12}, &info).rgb.back(), 64);
  EXPECT_THAT(info.warnings, IsEmpty());
  EXPECT_EQ(decode_image(as_png(ramp(10), 10), "test", {.assumed_bits = 12}).rgb.back(), 255)
      << "it is declared";
  EXPECT_EQ(decode_image(as_png(ramp(14)), "test", {.assumed_bits = 12}).rgb.back(), 255) << "it has more";
}

TEST(Bits, HoldForColorsAndLeaveAFullAlphaAlone) {
  std::vector<std::uint16_t> rgba;
  for (const unsigned v : ramp(12))
    for (const unsigned channel : {v, 4095 - v, 0u, 65535u})
      rgba.push_back(static_cast<std::uint16_t>(channel));
  ReadInfo info;
  const Image image =
      decode_image(make_png(1000, 1, big_endian(rgba), {.color_type = 6, .bits = 16}), "test", {}, &info);
  EXPECT_EQ(info.bits, 12);
  EXPECT_EQ((Bytes{image.rgb.end() - 3, image.rgb.end()}), (Bytes{255, 0, 0}));
  for (std::size_t i = 3; i < rgba.size(); i += 4) rgba[i] = 4095;  // or an alpha of as many bits
  EXPECT_EQ(decode(make_png(1000, 1, big_endian(rgba), {.color_type = 6, .bits = 16})).rgb, image.rgb);
}

TEST(Bits, OfWhiteAsZeroAreTurnedOver) {
  const Image image =
      decode(make_tiff(1000, 1, native(ramp(12)), {.samples = 1, .bits = 16, .photometric = 0}));
  EXPECT_EQ(image.rgb.front(), 255);
  EXPECT_EQ(image.rgb.back(), 0);
}

TEST(Bits, OfAFolderAreTheHighestGuess) {
  const TemporaryFolder folder;
  std::vector<std::filesystem::path> files;
  const auto add = [&](const char* name, const Bytes& bytes) {
    write_file_atomically(folder / name, bytes);
    files.emplace_back(folder / name);
    return common_bits(files);
  };
  EXPECT_EQ(common_bits(files), 0);
  EXPECT_EQ(add("a.png", as_png(ramp(10))), 10);
  EXPECT_EQ(add("b.tif", as_tiff(ramp(12))), 12);
  EXPECT_EQ(add("c.png", as_png(ramp(14), 14)), 12) << "what declares its bits is not guessed at";
  EXPECT_EQ(add("d.png", Bytes{1, 2, 3}), 12);
  files.emplace_back(folder / "missing.png");
  EXPECT_EQ(add("e.pgm", as_pgm(ramp(16))), 16);
  EXPECT_EQ(common_bits(std::vector{files.back()}), 0) << "no image is brightened";
}

}  // namespace
}  // namespace anomalyvlm
