// PBM, PGM and PPM, as text and as bytes.
#include <gmock/gmock.h>

#include "image/decoding.h"

namespace anomalyvlm {
namespace {

using namespace test;
using ::testing::HasSubstr;

Bytes file_of(std::string_view text, const Bytes& more = {}) {
  Bytes out(text.begin(), text.end());
  append(out, more);
  return out;
}

Bytes grey(std::initializer_list<int> levels) {
  Bytes rgb;
  for (const int level : levels) rgb.insert(rgb.end(), 3, static_cast<std::uint8_t>(level));
  return rgb;
}

TEST(Pnm, ReadsTextAndBytes) {
  EXPECT_EQ(decode(file_of("P1\n3 2\n1 0 1\n011\n")).rgb, grey({0, 255, 0, 255, 0, 0}));
  EXPECT_EQ(decode(file_of("P2 3 1 255\n0 7\n255")).rgb, grey({0, 7, 255}));
  EXPECT_EQ(decode(file_of("P3\n1 2\n255\n1 2 3\n4 5 6\n")).rgb, (Bytes{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(decode(file_of("P4\n10 2\n", {0xa0, 0x40, 0xff, 0xff})).rgb,
            grey({0, 255, 0, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(decode(file_of("P5\n2 1\n255\n", {10, 35})).rgb, grey({10, 35}));
  EXPECT_EQ(decode(file_of("P6\n1 2\n255\n", {1, 2, 3, 4, 5, 6})).rgb, (Bytes{1, 2, 3, 4, 5, 6}));
}

TEST(Pnm, TakesCommentsAndAnySpaceInTheHeader) {
  EXPECT_EQ(decode(file_of("P5#made by hand\r\n# 9 9\r\n 2\t# wide\n1 \n255\n", {10, 35})).rgb,
            grey({10, 35}));
  EXPECT_EQ(decode(file_of("P2 2 1 9 # nine is white\n 9 # and\n0")).rgb, grey({255, 0}));
}

TEST(Pnm, ScalesByTheLargestValue) {
  EXPECT_EQ(decode(file_of("P5 3 1 15\n", {0, 7, 15})).rgb, grey({0, 119, 255}));
  EXPECT_EQ(decode(file_of("P5 2 1 4095\n", {0x0f, 0xff, 0x08, 0x00})).rgb, grey({255, 128}));
  EXPECT_EQ(decode(file_of("P6 1 1 1000\n", {0x03, 0xe8, 0, 0, 0x01, 0xf4})).rgb, (Bytes{255, 0, 128}));
  EXPECT_EQ(decode(file_of("P3 1 1 65535\n65535 0 32896\n")).rgb, (Bytes{255, 0, 128}));
}

TEST(Pnm, RefusesWhatIsCutShortOrWrong) {
  for (const char* text : {"P5", "P5 ", "P5 2", "P5 2 2", "P5 2 2 255", "P5 2 2 255\nabc", "P2 2 1 255 1",
                           "P1 2 2 101", "P4 9 1\n1"})
    EXPECT_THAT(refusal(file_of(text)), HasSubstr("'test' cannot be used")) << text;
  EXPECT_THAT(refusal(file_of("P5 2 2 255\nabc")), HasSubstr("cut short"));
  EXPECT_THAT(refusal(file_of("P5 2 1 9\n", {10, 0})), HasSubstr("a value of 10"));
  EXPECT_THAT(refusal(file_of("P2 2 1 9 10 0")), HasSubstr("a value of 10"));
  EXPECT_THAT(refusal(file_of("P2 2 1 70000 1 1")), HasSubstr("70000"));
  EXPECT_THAT(refusal(file_of("P2 2 1 0 1 1")), HasSubstr("largest value"));
  EXPECT_THAT(refusal(file_of("P2 2 1 255 1 x")), HasSubstr("not a number"));
  EXPECT_THAT(refusal(file_of("P1 2 1 12")), HasSubstr("neither 0 nor 1"));
  EXPECT_THAT(refusal(file_of("P2 99999999999 1 255 1")), HasSubstr("too large"));
  EXPECT_THAT(refusal(file_of("P5 0 1 255\n")), HasSubstr("no pixels"));
  EXPECT_THAT(refusal(file_of("P5 999999 999999 255\n")), HasSubstr("above the limit"));
  EXPECT_THAT(refusal(file_of("P7\nWIDTH 1")), HasSubstr("PAM"));
}

TEST(Pnm, TellsOfFurtherImages) {
  std::vector<std::string> warnings;
  decode(file_of("P5 1 1 255\naP5 1 1 255\nb"), &warnings);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0], HasSubstr("several images"));
}

}  // namespace
}  // namespace anomalyvlm
