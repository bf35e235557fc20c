#include "text/unicode.h"

#include <gtest/gtest.h>

#include <random>

namespace anomalyvlm {
namespace {

TEST(Unicode, Utf8BothWays) {
  const std::string text = "crack \xC3\xA9 \xE5\x8C\x97 \xF0\x9F\x98\x80";
  EXPECT_EQ(from_utf8(text), U"crack \u00E9 \u5317 \U0001F600");
  EXPECT_EQ(to_utf8(from_utf8(text)), text);
  EXPECT_EQ(from_utf8(std::string_view("a\0b", 3)), std::u32string_view(U"a\0b", 3));
  EXPECT_EQ(from_utf8(""), U"");
}

TEST(Unicode, IllFormedPiecesAreReplaced) {
  EXPECT_EQ(from_utf8("a\xFFz"), U"a\uFFFDz");
  EXPECT_EQ(from_utf8("a\xE5\x8C"), U"a\uFFFD");                            // ends too early
  EXPECT_EQ(from_utf8("\x80"), U"\uFFFD");                                  // begins in the middle
  for (const char* bad : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80"})  // overlong, surrogate, too large
    EXPECT_EQ(from_utf8(bad).find_first_not_of(U'\uFFFD'), std::u32string::npos) << bad;
  EXPECT_EQ(to_utf8(std::u32string{0xD800, 0x110000, 0xFFFFFFFF}), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Unicode, AnyBytesAreText) {
  std::mt19937 random(4);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const std::string text = to_utf8(from_utf8(bytes));
    ASSERT_EQ(to_utf8(from_utf8(text)), text);
    ASSERT_EQ(lower_text(bytes), lower_text(text));
    ASSERT_EQ(stripped_text(bytes), stripped_text(text));
  }
}

TEST(Unicode, Properties) {
  EXPECT_TRUE(is_white_space(U'\t') && is_white_space(0xA0) && is_white_space(0x3000) &&
              is_white_space(0x85));
  EXPECT_FALSE(is_white_space(0x200B) || is_white_space(0x1C));
  EXPECT_TRUE(is_punctuation(U'-') && is_punctuation(0x3002) && is_punctuation(0xBF) && is_punctuation(U'_'));
  EXPECT_FALSE(is_punctuation(U'$') || is_punctuation(U'+'));  // symbols
  EXPECT_TRUE(is_nonspacing_mark(0x301));
  EXPECT_FALSE(is_nonspacing_mark(U'e'));
  EXPECT_TRUE(is_control_or_format(0) && is_control_or_format(0xAD) && is_control_or_format(0xE001));
  EXPECT_FALSE(is_control_or_format(0x378) || is_control_or_format(U' '));
  EXPECT_EQ(first_version(U'a'), 1);
  EXPECT_EQ(first_version(0x8D4), 9);
  EXPECT_EQ(first_version(0x378), 0);
  for (const char32_t c : {0x110000U, 0xFFFFFFFFU}) EXPECT_FALSE(is_punctuation(c) || is_white_space(c));
}

TEST(Unicode, Letters) {
  EXPECT_EQ(lower_case(U'\u03A3'), U'\u03C3');
  EXPECT_EQ(lower_case(U'1'), U'1');
  EXPECT_EQ(decomposed(U'\u01D5'), U"U\u0308\u0304");  // in full
  EXPECT_EQ(decomposed(U'\uD55C'), U"\u1112\u1161\u11AB");
  EXPECT_EQ(decomposed(U'a'), U"a");
  EXPECT_EQ(decomposed(U'\uFB01'), U"\uFB01");  // only canonically
}

TEST(Unicode, TextAsPythonChangesIt) {
  EXPECT_EQ(lower_text("\xCE\x9F\xCE\x94\xCE\x9F\xCE\xA3 \xCE\xA3"),
            "\xCE\xBF\xCE\xB4\xCE\xBF\xCF\x82 \xCF\x83");  // sigmas
  EXPECT_EQ(lower_text("\xC4\xB0"), "i\xCC\x87");
  EXPECT_EQ(lower_text("CRACK \xC3\x89"), "crack \xC3\xA9");
  EXPECT_EQ(stripped_text("\xC2\xA0\xE3\x80\x80\x1F a b \x1C\n"), "a b");
  EXPECT_EQ(stripped_text(" \t "), "");
}

TEST(Unicode, NamesAreComparedWithoutCaseAndEncoding) {
  for (const auto& [a, b] : {std::pair{"Stra\u00DFe", "STRASSE"},
                             {"\u00D6l", "o\u0308L"},
                             {"\u03A3\u03A3", "\u03C3\u03C2"},
                             {"\u0416", "\u0436"},
                             {"\uFF21", "a"}})
    EXPECT_EQ(folded_text(a), folded_text(b)) << a;
  EXPECT_NE(folded_text("a"), folded_text("\u00E4"));
  EXPECT_EQ(folded_text("AZ az_09"), "az az_09");
  EXPECT_EQ(composed_text("o\u0308"), "\u00F6");
  EXPECT_EQ(digit_value(U'7'), 7);
  EXPECT_EQ(digit_value(0x0663), 3);
  EXPECT_EQ(digit_value(U'x'), -1);
}

TEST(Unicode, ByteOrderMarks) {
  using namespace std::string_literals;
  EXPECT_EQ(decoded_text("\xEF\xBB\xBFz"), "z");
  EXPECT_EQ(decoded_text("\xFF\xFEz\0\x3D\xD8\0\xDE"s), "z\U0001F600");
  EXPECT_EQ(decoded_text("\xFE\xFF\0z"s), "z");
  EXPECT_EQ(decoded_text("\xFF\xFE\0\0z\0\0\0"s), "z");
  EXPECT_EQ(decoded_text("\0\0\xFE\xFF\0\0\0z"s), "z");
  EXPECT_EQ(decoded_text("\xFF\xFEz"s), "\uFFFD") << "cut off";
  EXPECT_EQ(decoded_text("\xFF\xFE\0\xD8z\0"s), "\uFFFDz") << "half of a pair";
  EXPECT_EQ(decoded_text("z\xFF"), "z\xFF");
  EXPECT_EQ(decoded_text(""), "");
}

TEST(VisualText, IsInTheOrderOfTheEye) {
  for (const std::u32string text : {U"", U"crack 0.62", U"L\u00f6cher", U"\u7a7a\u6d1e 1"})
    EXPECT_EQ(visual_text(text), text);
  // A number behind such a word is read after it, to the left.
  EXPECT_EQ(visual_text(U"\u05e9\u05dc\u05d5 0.5"), U"0.5 \u05d5\u05dc\u05e9") << "Hebrew";
  EXPECT_EQ(visual_text(U"\u062e\u062f\u0634 0.62"), U"0.62 \uFEB5\uFEAA\uFEA7") << "Arabic, joined";
  EXPECT_EQ(visual_text(U"\u0644\u0627"), U"\uFEFB") << "two letters that are drawn as one";
  const std::u32string broken = {0xD800, U'\u05e9', U'\u202e', U'a'};
  EXPECT_LE(visual_text(broken).size(), broken.size());
}

}  // namespace
}  // namespace anomalyvlm
