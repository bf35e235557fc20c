#include "eval/data/encoding.h"

#include <gtest/gtest.h>

namespace anomalyvlm::eval {
namespace {

using std::string_literals::operator""s;

std::string text_of(const std::string& bytes) { return decode_text(bytes).text; }

TEST(Encoding, KnownByMarksAndZeros) {
  EXPECT_EQ(text_of(""), "");
  EXPECT_EQ(text_of("\xEF\xBB\xBFx"), "x");
  EXPECT_EQ(text_of("x\xC3\xA4"), "x\xC3\xA4");
  EXPECT_EQ(text_of("\xFF\xFEx\0\xE4\0"s), "x\xC3\xA4");
  EXPECT_EQ(text_of("\xFE\xFF\0x\0\xE4"s), "x\xC3\xA4");
  EXPECT_EQ(text_of("x\0y\0"s), "xy") << "without a mark";
  EXPECT_EQ(text_of("\0x\0y"s), "xy");
  EXPECT_FALSE(decode_text("x\xC3\xA4").guessed);
}

TEST(Encoding, AllElseIsWindows1252) {
  EXPECT_EQ(text_of("gr\xF6\xDFt \x80"), "gr\xC3\xB6\xC3\x9Ft \xE2\x82\xAC");
  EXPECT_TRUE(decode_text("\xF6").guessed);
}

}  // namespace
}  // namespace anomalyvlm::eval
