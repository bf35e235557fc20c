#include "regions/rle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "anomalyvlm/error.h"
#include "errors.h"

namespace anomalyvlm {
namespace {

Mask random_mask(int width, int height, double density, unsigned seed) {
  std::mt19937 random(seed);
  std::bernoulli_distribution one(density);
  Mask mask{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height)};
  for (auto& value : mask.values) value = one(random);
  return mask;
}

Rle encoded(const Mask& mask) { return encode_rle(Region::binary(mask), {0, 0, mask.width, mask.height}); }

TEST(Rle, RunsDownTheColumns) {
  const Mask mask{3,
                  2,
                  {0, 1, 1,  //
                   0, 0, 1}};
  const Rle rle = encoded(mask);
  EXPECT_EQ(rle.counts, (std::vector<std::uint32_t>{2, 1, 1, 2}));
  EXPECT_EQ(rle_area(rle), 3u);
  EXPECT_EQ(encoded(Mask{1, 3, {1, 1, 0}}).counts, (std::vector<std::uint32_t>{0, 2, 1}));
  EXPECT_EQ(encoded(Mask{2, 2, {0, 0, 0, 0}}).counts, (std::vector<std::uint32_t>{4}));
  EXPECT_EQ(encoded(Mask{2, 2, {1, 1, 1, 1}}).counts, (std::vector<std::uint32_t>{0, 4}));
}

Region moved(Region region, int right, int down) {
  region.move(right, down);
  return region;
}

TEST(Rle, TextFormByHand) {
  // 6 -> one group "6"; 1 -> "1"; 40 = 8 + 1 * 32 -> groups 8 (more), 1; 4 - 1 = 3 -> "3"; 5 - 40 = -35 -> 29
  // (more), -2.
  const Rle rle{7, 8, {6, 1, 40, 4, 5}};
  EXPECT_EQ(compress_rle(rle), "61X13mN");
  EXPECT_EQ(decompress_rle("61X13mN", 7, 8).counts, rle.counts);
}

TEST(Rle, ComesBackForRandomMasks) {
  unsigned seed = 0;
  for (const double density : {0.0, 0.001, 0.02, 0.5, 0.98, 1.0}) {
    for (const auto& [width, height] : {std::pair{1, 1}, {1, 70}, {70, 1}, {333, 217}}) {
      const Mask mask = random_mask(width, height, density, ++seed);
      const Rle rle = encoded(mask);
      EXPECT_EQ(decode_rle(rle).values, mask.values);
      EXPECT_EQ(decode_region(rle, 3, -5), moved(Region::binary(mask), 3, -5));
      EXPECT_EQ(decompress_rle(compress_rle(rle), width, height).counts, rle.counts);
    }
  }
}

TEST(Rle, RefusesWhatDoesNotFit) {
  EXPECT_THROW(decode_rle({2, 2, {3}}), Error);
  EXPECT_THROW(decode_rle({2, 2, {1, 4}}), Error);
  EXPECT_THROW(decode_rle({0, 0, {}}), Error);
  EXPECT_THROW(decompress_rle("5", 2, 2), Error);
  EXPECT_THROW(decompress_rle("X", 2, 2), Error);  // cut short
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [] { decompress_rle("00\x01", 2, 2); }),
              ::testing::HasSubstr("at character 3"));
  EXPECT_THROW(decompress_rle("oooooooooo1", 2, 2), Error);  // too long a number
  EXPECT_THROW(decompress_rle("000O", 2, 2), Error);         // a negative length
  EXPECT_THROW(decompress_rle("ooooo0", 100000, 100000), Error);
}

}  // namespace
}  // namespace anomalyvlm
