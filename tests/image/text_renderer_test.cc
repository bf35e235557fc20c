#include "image/text_renderer.h"

#include <gtest/gtest.h>

#include "temporary_folder.h"

#include <fstream>

namespace anomalyvlm {
namespace {

TEST(Spelled, IsLegibleInAscii) {
  EXPECT_EQ(spelled(U'a'), "a");
  EXPECT_EQ(spelled(U'\u00f6'), "oe");
  EXPECT_EQ(spelled(U'\u00c4'), "Ae");
  EXPECT_EQ(spelled(U'\u00df'), "ss");
  EXPECT_EQ(spelled(U'\u00e9'), "e");
  EXPECT_EQ(spelled(U'\u0159'), "r");
  EXPECT_EQ(spelled(U'\u0301'), "") << "an accent by itself";
  EXPECT_EQ(spelled(U'\u2013'), "-");
  EXPECT_EQ(spelled(U'\u7a7a'), "U+7A7A");
  EXPECT_EQ(spelled(U'\U0001f600'), "U+1F600");
}

std::string ascii(const std::u32string& text) { return {text.begin(), text.end()}; }

TEST(TextRenderer, SpellsWhatNoFontHas) {
  const TextRenderer none({});
  EXPECT_EQ(ascii(none.displayable("L\xc3\xb6"
                                   "cher 0.5")),
            "Loecher 0.5");
  EXPECT_EQ(ascii(none.displayable("Lo\xcc\x88"
                                   "cher")),
            "Loecher")
      << "letter and accent apart";
  EXPECT_EQ(ascii(none.displayable("\xe7\xa9\xba\xe6\xb4\x9e 1")), "U+7A7A U+6D1E 1");
  EXPECT_EQ(ascii(none.displayable("a\nb\x01")), "a?b?");
  EXPECT_LE(none.displayable(std::string(100'000, 'x')).size(), 1000u);
}

TEST(TextRenderer, TakesFromAFontWhatItHas) {
  const auto fonts = usual_fonts();
  if (fonts.empty()) GTEST_SKIP() << "no font is installed";
  const TextRenderer renderer(fonts);
  EXPECT_EQ(renderer.displayable("L\xc3\xb6"
                                 "cher"),
            U"L\u00f6cher");
  const auto narrow = renderer.measure(U"ii", 20), wide = renderer.measure(U"WW", 20);
  EXPECT_GT(narrow.width, 0);
  EXPECT_GT(wide.width, 2 * narrow.width);
  EXPECT_GE(wide.height, 19);
  Image image{40, 40, std::vector<std::uint8_t>(40 * 40 * 3, 255)};
  renderer.draw(image, U"WWWWW", 20, -5, 10, {0, 0, 0});  // over all edges
  EXPECT_NE(image.rgb, std::vector<std::uint8_t>(40 * 40 * 3, 255));
}

TEST(TextRenderer, LeavesOutFilesThatAreNoFonts) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "bad.ttf") << "not a font";
  const std::vector<std::filesystem::path> files = {folder / "bad.ttf", folder / "absent.ttf"};
  EXPECT_EQ(ascii(TextRenderer(files).displayable("\xc3\xa9")), "e");
}

}  // namespace
}  // namespace anomalyvlm
