// Encodings, scripts and typography: what looks the same is the same.
#include "prompts/characters.h"

#include <gmock/gmock.h>

#include <clocale>
#include <fstream>
#include <locale>

#include "prompts/prompt_helpers.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

using test::bad_prompt;
using test::error_of;
using test::rules_in;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::string_literals;

std::string utf16(std::u16string_view text, bool big_endian) {
  std::string bytes;
  for (const char16_t unit : text) {
    const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
    bytes += big_endian ? std::string{high, low} : std::string{low, high};
  }
  return bytes;
}

TEST(ByteOrderMarks, OfEveryEncodingAndSource) {
  const std::u16string text = u"\uFEFFScratches. Öl.\r\nScratches are longer than 60 px.\r\n";
  const std::string plain = "Scratches. \xC3\x96l. Scratches are longer than 60 px.";
  const HybridPrompt expected = parse_prompt_text(plain);
  EXPECT_EQ(parse_prompt_text("\xEF\xBB\xBF" + plain), expected);
  EXPECT_EQ(parse_prompt_text(utf16(text, false)), expected);
  EXPECT_EQ(parse_prompt_text(utf16(text, true)), expected);
  EXPECT_EQ(parse_prompt_text(plain.substr(0, 11) + "\xEF\xBB\xBF" + plain.substr(11)), expected)
      << "in the middle";
  EXPECT_EQ(parse_prompt_toml("\xEF\xBB\xBFphrases = ['dent']", "x.toml").phrases,
            std::vector<std::string>{"dent"});
  EXPECT_EQ(parse_prompt_toml(utf16(u"\uFEFFphrases = ['dent']", false), "x.toml").phrases,
            std::vector<std::string>{"dent"});
  EXPECT_EQ(parse_prompt_toml("phrases = ['\xEF\xBB\xBF"s + "dent']", "x.toml").phrases,
            std::vector<std::string>{"dent"});
  const std::pair<std::string, std::string> options[] = {{"phrases", "\xEF\xBB\xBF" + "dent"s},
                                                         {"object", "\xEF\xBB\xBFnut"},
                                                         {"max-regions", "\xEF\xBB\xBF" + "5"s},
                                                         {"min-length", "\xEF\xBB\xBF" + "dent: 5 px"s}};
  const HybridPrompt given = parse_prompt_options(options);
  EXPECT_THAT(given.phrases, ElementsAre("dent"));
  EXPECT_EQ(given.object, "nut");
  EXPECT_EQ(given.max_regions, 5);
  const test::TemporaryFolder folder;
  std::ofstream(folder / "a.txt") << utf16(text, false);
  std::ofstream(folder / "A.TOML") << "\xEF\xBB\xBFphrases = ['dent']\n";
  EXPECT_EQ(load_prompt(folder / "a.txt"), expected);
  EXPECT_THAT(load_prompt(folder / "A.TOML").phrases, ElementsAre("dent"));
}

TEST(Case, IsFoldedInEveryScript) {
  EXPECT_EQ(error_of("Öl. öl is longer than 20 px."), "");
  EXPECT_EQ(error_of("Löcher. LÖCHER are longer than 20 px."), "");
  EXPECT_EQ(error_of("Risse am Fuß. RISSE AM FUSS are longer than 20 px."), "");
  EXPECT_EQ(error_of("Царапина. ЦАРАПИНА is longer than 20 px."), "");
  EXPECT_EQ(error_of("Σκληρός. ΣΚΛΗΡΌΣ is longer than 20 px."), "");
  EXPECT_EQ(error_of("\u0130z. \u0130Z is longer than 20 px."), "") << "Turkish";
  EXPECT_EQ(error_of("O\u0308l. \u00D6l is longer than 20 px."), "") << "accents apart";
  EXPECT_THAT(parse_prompt_text("LÖCHER, Löcher, γραμμές").phrases, ElementsAre("löcher", "γραμμές"));
  EXPECT_EQ(error_of("The object is a Öse. The object is a öse."), "");
  EXPECT_EQ(
      bad_prompt([] {
        validate(parse_prompt_toml("phrases = ['Öl']\n[[rule]]\nphrases = ['öl']\nlength = '> 20 px'", "x"));
      }),
      "");
  const HybridPrompt base = parse_prompt_text("Öl. Öl is longer than 20 px.");
  EXPECT_EQ(merge(base, parse_prompt_text("ÖL is longer than 30 px.")).rules.size(), 1u);
}

TEST(Spaces, OfEveryWidth) {
  for (const char* blank : {"\u00A0", "\u2009", "\u202F", "\u3000", "\u2007", "\u205F", "\u200B ", "\t"})
    EXPECT_EQ(rules_in("Stains are longer than 20"s + blank + "px."), "length > 20 px (stains only)")
        << blank;
  EXPECT_THAT(parse_prompt_text("hairline\u00A0cracks\u2028holes").phrases,
              ElementsAre("hairline cracks", "holes"));
}

TEST(Punctuation, OfOtherScripts) {
  EXPECT_EQ(parse_prompt_text("割れ・傷").phrases.size(), 2u);
  EXPECT_THAT(parse_prompt_text("划痕、凹坑。裂纹，孔；污渍").phrases,
              ElementsAre("划痕", "凹坑", "裂纹", "孔", "污渍"));
  EXPECT_EQ(rules_in("Ｓｔａｉｎｓ are longer than ２０ px．"), "length > 20 px (stains only)");
  EXPECT_THAT(parse_prompt_text("شق، خدش").phrases.size(), 2u);
  EXPECT_THAT(parse_prompt_text("• Scratches\n• Dents\n- Pits\n").phrases,
              ElementsAre("scratches", "dents", "pits"));
}

TEST(QuotationMarks, InPairs) {
  for (const char* text : {"„Kratzer, lang“.", "«Kratzer, lang».", "»Kratzer, lang«", "‚Kratzer, lang‘.",
                           "‹Kratzer, lang›", "“Kratzer, lang”", "\"Kratzer, lang\"", "'Kratzer, lang'",
                           "‘Kratzer, lang’.", "「Kratzer, lang」", "”Kratzer, lang”"})
    EXPECT_THAT(parse_prompt_text(text).phrases, ElementsAre("kratzer, lang")) << text;
  EXPECT_THAT(error_of("„Kratzer"), HasSubstr("not closed"));
  EXPECT_THAT(parse_prompt_text("part's edge, ‘worker's mark’").phrases,
              ElementsAre("part's edge", "worker's mark"));
}

TEST(Units, AsTheyAreWritten) {
  for (const auto& [written, meant] : std::vector<std::pair<const char*, const char*>>{
           {"smaller than 50 µm²", "area < 0.00005 mm2"},
           {"smaller than 50 \u03BCm²", "area < 0.00005 mm2"},
           {"smaller than 50 µm2", "area < 0.00005 mm2"},
           {"longer than 50 µm", "length > 0.05 mm"},
           {"smaller than 5 mm^2", "area < 5 mm2"},
           {"smaller than 5 mm²", "area < 5 mm2"},
           {"smaller than 5 sq. mm", "area < 5 mm2"},
           {"smaller than 5 px^2", "area < 5 px2"},
           {"smaller than 2 sq in", "area < 1290.32 mm2"},
           {"longer than 0.5 in", "length > 12.7 mm"},
           {"longer than 0.5 inch", "length > 12.7 mm"},
           {"longer than 0.5\"", "length > 12.7 mm"},
           {"longer than 0.5\u2033", "length > 12.7 mm"},
           {"longer than 5 mil", "length > 0.127 mm"},
           {"longer than 5 thou", "length > 0.127 mm"},
           {"longer than 0.2 cm", "length > 2 mm"},
           {"longer than 0.002 m", "length > 2 mm"},
           {"greater than 0.5 mm in diameter", "length > 0.5 mm"},
           {"larger than 0.5 mm", "length > 0.5 mm"},
           {"at most 20 px in length", "length <= 20 px"}})
    EXPECT_EQ(rules_in("Stains are "s + written + "."), meant + " (stains only)"s) << written;
  EXPECT_EQ(rules_in("The diameter of pores is at most 3 px."), "length <= 3 px (pores only)");
  for (const char* text :
       {"Pores of \u00D8 0.5 mm or more are rejected.", "Pores of \u00F8 0.5 mm or larger are rejected.",
        "Pores \u00D8 >= 0.5 mm are rejected.", "Pores with \u2300 \u2265 0.5 mm are rejected.",
        "Pores of at least \u00D8 0.5 mm are rejected."})
    EXPECT_EQ(rules_in(std::string(text) + " A pixel is 0.05 mm."), "length >= 0.5 mm (pores only)") << text;
}

TEST(Numbers, WhatCouldBeAnotherNumberIsRefused) {
  EXPECT_THAT(error_of("Scratches are longer than 1,5 mm."),
              AllOf(HasSubstr("comma"), HasSubstr("write 1.5")));
  EXPECT_THAT(error_of("Scratches are longer than 0,125 mm."), HasSubstr("write 0.125:"));
  for (const char* text : {"Smaller than 1,000.5 px.", "Smaller than 1.000,5 px."})
    EXPECT_THAT(error_of(text), HasSubstr("write 1000.5:")) << text;
  EXPECT_THAT(error_of("Smaller than 1.234.567 px."), HasSubstr("one decimal point"));
  EXPECT_THAT(error_of("Stains are smaller than 1.000 px."),
              AllOf(HasSubstr("thousands"), HasSubstr("write 1000 or 1:")));
  EXPECT_THAT(error_of("Stains are smaller than 12.345 px."), HasSubstr("write 12345 or 12.3450"));
  for (const char* text : {"Scratches longer than 1.000 mm are rejected. A pixel is 0.05 mm.",
                           "Scratches longer than 1.000 \u00B5m are rejected. A pixel is 2 um.",
                           "Scratches longer than 2.500 mm are rejected. A pixel is 0.05 mm.",
                           "Stains larger than 12.500 mm2 are rejected. A pixel is 0.05 mm."})
    EXPECT_THAT(error_of(text), HasSubstr("there is no thousands separator: write ")) << text;
  for (const char* text : {"Scratches longer than 0.500 mm are rejected. A pixel is 0.05 mm.",
                           "Scratches longer than 1.25 mm are rejected. A pixel is 0.05 mm.",
                           "Scratches longer than 1.0000 mm are rejected. A pixel is 0.05 mm.",
                           "Scratches longer than 1.125 inch are rejected. A pixel is 0.05 mm."}) {
    const HybridPrompt prompt = parse_prompt_text(text);
    EXPECT_EQ(parse_prompt_toml(to_toml(prompt), "x.toml"), prompt) << to_toml(prompt);
  }
  EXPECT_THAT(error_of("Stains are smaller than 1,000 px."),
              AllOf(HasSubstr("thousands"), HasSubstr("write 1000 or 1:")));
  EXPECT_THAT(error_of("Scratches are longer than approx. 20 px."), HasSubstr("exact"));
  EXPECT_EQ(rules_in("Scratches are longer than 0.250 mm."), "length > 0.25 mm (scratches only)");
  EXPECT_EQ(rules_in("Anomalies lie inside the rectangle 10,20,200,180."),
            "inside rectangle 10, 20, 200, 180 px");
  HybridPrompt prompt;
  prompt.rules = {test::rule(Quantity::kLength, Comparison::kLess, 12.345, Unit::kPixels)};
  EXPECT_EQ(parse_prompt_toml(to_toml(prompt), "x.toml"), prompt) << to_toml(prompt);
}

TEST(Abbreviations, NameNothing) {
  EXPECT_THAT(parse_prompt_text("Cracks, e.g. hairline cracks.").phrases,
              ElementsAre("cracks", "hairline cracks"));
  EXPECT_THAT(parse_prompt_text("Cracks, i.e. hairline cracks, and holes.").phrases,
              ElementsAre("cracks", "hairline cracks", "holes"));
  EXPECT_THAT(parse_prompt_text("Stains such as oil and rust.").phrases,
              ElementsAre("stains", "oil", "rust"));
  EXPECT_THAT(error_of("Cracks, holes, etc."), HasSubstr("names nothing"));
  EXPECT_THAT(error_of("Cracks, holes, etc. Cracks are longer than 5 px."), HasSubstr("names nothing"));
}

TEST(ControlCharacters, AreRefused) {
  for (const char* text : {"crack\x1B[31m", "crack\u009B", "crack\x07", "crack\x7F"}) {
    EXPECT_THAT(error_of(text), AllOf(HasSubstr("control character (U+"), testing::Not(HasSubstr("\x1B"))))
        << text;
    HybridPrompt prompt;
    prompt.phrases = {text};
    EXPECT_THAT(bad_prompt([&] { validate(prompt); }), HasSubstr("control character"));
  }
  EXPECT_THAT(bad_prompt([] { parse_prompt_toml("phrases = [\"a\\u001Bb\"]", "x.toml"); }),
              AllOf(HasSubstr("x.toml, line 1"), HasSubstr("U+001B")));
  EXPECT_THAT(bad_prompt([] { parse_prompt_toml("object = \"a\\u001Bb\"", "x.toml"); }), HasSubstr("U+001B"));
  EXPECT_THAT(parse_prompt_toml("phrases = [\"a\\nb\"]", "x.toml").phrases, ElementsAre("a b"));
  HybridPrompt lines;
  lines.phrases = {"a\nb"};
  EXPECT_NE(bad_prompt([&] { validate(lines); }), "");
}

// Of a locale with a decimal comma, and as C and C++ set it.
struct CommaNumbers : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(Locale, ChangesNoNumber) {
  const std::string text =
      "Öl. Anomalies are smaller than 5.5%. Anomalies are longer than 1234.5 px. A pixel is 0.05 mm. "
      "Anomalies have a circularity above 0.25.";
  const HybridPrompt before = parse_prompt_text(text);
  const std::string described = describe(before), toml = to_toml(before);
  const std::locale old = std::locale::global(std::locale(std::locale::classic(), new CommaNumbers));
  const std::string old_c = std::setlocale(LC_ALL, nullptr);
  for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "tr_TR.UTF-8"})
    if (std::setlocale(LC_ALL, name) != nullptr) break;
  const HybridPrompt after = parse_prompt_text(text);
  const std::string described_after = describe(after), toml_after = to_toml(after);
  const HybridPrompt again = parse_prompt_toml(toml_after, "x.toml");
  std::setlocale(LC_ALL, old_c.c_str());
  std::locale::global(old);
  EXPECT_EQ(after, before);
  EXPECT_EQ(again, before);
  EXPECT_EQ(described_after, described);
  EXPECT_EQ(toml_after, toml);
  EXPECT_THAT(described, AllOf(HasSubstr("area < 5.5% of the object"), HasSubstr("length > 1234.5 px")));
}

}  // namespace
}  // namespace anomalyvlm
