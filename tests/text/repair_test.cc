// Damaged text, and HTML's references. What ftfy 6.1 and Python's html module give.
#include "text/repair.h"

#include <gtest/gtest.h>

#include <random>

#include "text/html.h"
#include "text/unicode.h"

namespace anomalyvlm {
namespace {

std::string html(std::string_view text) { return to_utf8(unescaped_html(from_utf8(text))); }
std::string plain_html(std::string_view text) { return to_utf8(unescaped_plain_html(from_utf8(text))); }

TEST(Html, Names) {
  EXPECT_EQ(html("a &lt; b &amp;&amp; c &gt; d"), "a < b && c > d");
  EXPECT_EQ(html("&copy 2023 &notit; &hearts;"), "© 2023 ¬it; ♥");
  EXPECT_EQ(html("&unknown; &; & &&amp;"), "&unknown; &; & &&");
  EXPECT_EQ(html("&acE;&NotEqualTilde;"), "∾\u0333≂\u0338");
  EXPECT_EQ(html("&amp;lt;"), "&lt;");  // once
  EXPECT_EQ(html("&ampé &é&lt"), "&é &é<");
}

TEST(Html, Numbers) {
  EXPECT_EQ(html("&#65;&#x42;&#X43 &#0068"), "ABC D");
  EXPECT_EQ(html("&#128;&#x99;&#129;"), "€™\u0081");
  EXPECT_EQ(html("&#0;&#xD800;&#x110000;&#99999999999999999999;"), "\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(html("a&#1;b&#x1F;c&#xFFFF;d&#x7F;e"), "abcde");
  EXPECT_EQ(html("&#9;&#13;"), "\t\r");
  EXPECT_EQ(html("&#;&#x;&#xg;"), "&#;&#x;&#xg;");
}

TEST(Html, PlainReferencesEndAsTheyShould) {
  EXPECT_EQ(plain_html("&eacute;&copy;&#39;&#x41;"), "é©'A");
  EXPECT_EQ(plain_html("this&not that &copy 1 &#59; &#6a;"), "this&not that &copy 1 &#59; &#6a;");
  EXPECT_EQ(plain_html("&EACUTE;&Eacute;&eACUTE;&SZLIG;"), "ÉÉ&eACUTE;SS");
}

TEST(Repair, LeavesWhatIsWhole) {
  for (const char* whole :
       {"", "a photo of a tile", "Größe ½ ±0,2 µm", "¿qué?", "naïve façade", "дефект плитки", "缺陷检测",
        "3 × 4 ÷ 2 ≈ 6", "½ ² Ⅳ", "Ångström", "100 € – 5 %", "a b\nc\td"})
    EXPECT_EQ(repaired_text(whole), whole);
}

TEST(Repair, ReadsMisreadTextAgain) {
  EXPECT_EQ(repaired_text("schÃ¶n"), "schön");
  EXPECT_EQ(repaired_text("donâ€™t â€œcrackâ€\u009D"), "don't \"crack\"");
  EXPECT_EQ(repaired_text("cafÃƒÂ©"), "café");  // twice
  EXPECT_EQ(repaired_text("voilÃ le travail"), "voilà le travail");
  EXPECT_EQ(repaired_text("ÐŸÑ€Ð¸Ð²ÐµÑ‚"), "Привет");
  EXPECT_EQ(repaired_text("√±"), "ñ");              // as MacRoman
  EXPECT_EQ(repaired_text("â€\uFFFD"), "\uFFFD");   // a byte is lost
  EXPECT_EQ(repaired_text("wait\u0085"), "wait…");  // Latin-1 for Windows-1252
}

TEST(Repair, PlainCharacters) {
  EXPECT_EQ(repaired_text("ﬁne ﬂaw Ĳ"), "fine flaw IJ");
  EXPECT_EQ(repaired_text("ＦＵＬＬ　ｶ"), "FULL カ");
  EXPECT_EQ(repaired_text("‘a’ “b”"), "'a' \"b\"");
  EXPECT_EQ(repaired_text("a\r\nb\rc\u2028d"), "a\nb\nc\nd");
  EXPECT_EQ(repaired_text("\x1B[31mred\x1B[0m \a\uFEFFx"), "red x");
  EXPECT_EQ(repaired_text("e\u0301"), "é");
}

TEST(Repair, HtmlUnlessThereAreTags) {
  EXPECT_EQ(repaired_text("a &amp;amp; b"), "a & b");
  EXPECT_EQ(repaired_text("<b> &amp;\n&amp;"), "<b> &amp;\n&amp;");
  EXPECT_EQ(repaired_text("&amp;\n<b> &amp;"), "&\n<b> &amp;");
}

TEST(Repair, AnyBytesAreTextAndRepairedOnce) {
  std::mt19937 random(7);
  const std::string_view parts[] = {"Ã",  "â€", "\x80", "&", "#",     "amp;", "Â ",
                                    "\n", "<",  "к",    "ß", "\x1B[", "€"};
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (unsigned n = random() % 20; n > 0; --n)
      text +=
          random() % 3 == 0 ? std::string(1, static_cast<char>(random())) : std::string(parts[random() % 13]);
    const std::string repaired = repaired_text(text);
    ASSERT_EQ(to_utf8(from_utf8(repaired)), repaired);
  }
}

}  // namespace
}  // namespace anomalyvlm
