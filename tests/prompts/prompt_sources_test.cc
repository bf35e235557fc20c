// TOML files, options, and how the sources go together.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "prompts/prompt_helpers.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

using test::bad_prompt;
using test::rules_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

using Options = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kSentences =
    "Cracks, white prints, stains. The image shows 2 hazelnuts. A pixel is 0.05 mm. At most three abnormal "
    "regions. "
    "Anomalies are smaller than 5%. Cracks are at least 20 px long. White prints have a circularity of at "
    "most 0.5. "
    "Stains are darker than their surroundings by 10%. Stains have a hue between 350 and 20. "
    "Anomalies lie inside the rectangle 10, 20, 200, 180. Anomalies are at least 5 px from the edge. "
    "The minimum confidence is 0.3.";

constexpr const char* kToml = R"(
phrases = ["cracks", "white prints", "stains"]
object = "hazelnuts"
object_count = 2
pixel_size_mm = 0.05
max_regions = 3

[[rule]]
area = "< 5%"

[[rule]]
length = "at least 20 px"
phrases = ["cracks"]

[[rule]]
circularity = "<= 0.5"
phrases = "white prints"

[[rule]]
phrases = ["stains"]
darker = "10%"
hue = "between 350 and 20"

[[rule]]
inside = "rectangle 10, 20, 200, 180"

[[rule]]
edge_distance = ">= 5 px"
confidence = "at least 0.3"
)";

const Options kOptions = {{"phrases", "cracks, white prints, stains"},
                          {"object", "hazelnuts"},
                          {"object-count", "2"},
                          {"pixel-size", "50 um"},
                          {"max-regions", "3"},
                          {"max-area", "< 5%"},
                          {"min-length", "cracks: 20 px"},
                          {"max-circularity", "white prints: 0.5"},
                          {"darker", "stains: 10%"},
                          {"hue", "stains: 350 to 20"},
                          {"inside", "rectangle 10, 20, 200, 180"},
                          {"min-edge-distance", "5 px"},
                          {"min-confidence", "0.3"}};

TEST(Sources, TheThreeMeanTheSame) {
  const HybridPrompt sentences = parse_prompt_text(kSentences);
  EXPECT_EQ(parse_prompt_toml(kToml, "x.toml"), sentences) << to_toml(sentences);
  EXPECT_EQ(parse_prompt_options(kOptions), sentences) << to_toml(parse_prompt_options(kOptions));
  EXPECT_EQ(parse_prompt_options(Options{{"standard", kSentences}}), sentences);
  EXPECT_EQ(parse_prompt_toml("standard = \"\"\"" + std::string(kSentences) + "\"\"\"", "x.toml"), sentences);
  validate(sentences);
}

// Each line says one thing three times.
struct Same {
  const char* sentence;
  const char* toml;  // ' stands for "
  Options options;
};

TEST(Sources, OneThingThreeTimes) {
  const std::vector<Same> table = {
      {"white prints, cracks, holes, cuts.",
       "phrases = ['white prints', 'cracks', 'holes', 'cuts']",
       {{"phrases", "white prints, cracks, holes, cuts"}}},
      {"Dot. Scratch.", "phrases = 'dot, scratch'", {{"phrases", "Dot"}, {"phrases", "Scratch"}}},
      {"Anomalies are smaller than 5% of the object area.",
       "[[rule]]\narea = '< 5% of the object'",
       {{"max-area", "< 5%"}}},
      {"Anomalies are smaller than 50%.", "[[rule]]\narea = '< 0.5'", {{"max-area", "< 50% of the object"}}},
      {"At most five abnormal regions.", "max_regions = 5", {{"max-regions", "5"}}},
      {"No more than two scratches.",
       "[[kind_limit]]\nphrases = ['scratches']\nmax_regions = 2",
       {{"standard", "At most 2 scratches."}}},
      {"Nothing else counts.", "only_named = true", {{"only-named", ""}}},
      {"At most one abnormal region.", "max_regions = 1", {{"max-regions", "1"}}},
      {"Any number of anomalies.", "max_regions = 0", {{"max-regions", "0"}}},
      {"the image of mtd have 1 dissimilar mtd, with a maximum of 5 anomaly. The anomaly would not exceed "
       "0.9 "
       "object area. ",
       "object = 'mtd'\nobject_count = 1\nmax_regions = 5\n[[rule]]\narea = '<= 0.9'",
       {{"object", "mtd"}, {"object-count", "1"}, {"max-regions", "5"}, {"max-area", "90%"}}},
      {"Anomalies cover at most 2% of the image.",
       "[[rule]]\narea = '<= 2% of the image'",
       {{"max-area", "2% of the image"}}},
      {"Anomalies are larger than 12 px.", "[[rule]]\narea = '> 12 px2'", {{"min-area", "> 12 px"}}},
      {"A pixel is 50 um. Anomalies have an area between 0.2 and 3 mm2.",
       "pixel_size_mm = 0.05\n[[rule]]\narea = 'between 0.2 and 3 mm2'",
       {{"pixel-size", "0.05 mm"}, {"min-area", "0.2 mm2"}, {"max-area", "3 mm2"}}},
      {"Cracks are longer than 20 px.",
       "[[rule]]\nlength = '> 20 px'\nphrases = ['cracks']",
       {{"min-length", "cracks: > 20 px"}}},
      {"Scratches and cuts are narrower than 1.5 mm.",
       "[[rule]]\nphrases = ['scratches', 'cuts']\nwidth = '< 1.5 mm'",
       {{"max-width", "scratches, cuts: < 1.5 mm"}}},
      {"Cracks are at least 3 times as long as wide.",
       "[[rule]]\nphrases = ['cracks']\naspect_ratio = '>= 3'",
       {{"min-aspect-ratio", "cracks: 3"}}},
      {"Anomalies are more elongated than 0.8.",
       "[[rule]]\nelongation = '> 0.8'",
       {{"min-elongation", "> 0.8"}}},
      {"Pores are rounder than 0.6.",
       "[[rule]]\nphrases = ['pores']\ncircularity = '> 60%'",
       {{"min-circularity", "pores: > 0.6"}}},
      {"Anomalies are darker than their surroundings.",
       "[[rule]]\ndarker = '> 0'",
       {{"max-brightness", "< 0"}}},
      {"Anomalies are at least 10% brighter than their surroundings.",
       "[[rule]]\nbrightness = '>= 10%'",
       {{"brighter", "10%"}}},
      {"Anomalies differ in colour from their surroundings by more than 5%.",
       "[[rule]]\ncolor_difference = '> 5%'",
       {{"min-color-difference", "> 5%"}}},
      {"Rust is orange.", "[[rule]]\nphrases = ['rust']\nhue = '15 to 45'", {{"hue", "rust: 15 to 45"}}},
      {"Anomalies are not red.", "[[rule]]\nhue = 'not between 345 and 15'", {{"hue", "not 345 to 15"}}},
      {"Anomalies lie in the rectangle 10, 20, 200, 180.",
       "[[rule]]\ninside = 'rectangle 10, 20, 200, 180'",
       {{"inside", "rectangle 10, 20, 200, 180"}}},
      {"Ignore everything inside the polygon 10%, 10%, 90%, 10%, 50%, 90%.",
       "[[rule]]\noutside = 'polygon 10%, 10%, 90%, 10%, 50%, 90%'",
       {{"outside", "polygon 10% 10%, 90% 10%, 50% 90%"}}},
      {"Anomalies lie entirely on the object.",
       "[[rule]]\ninside = 'entirely the object'",
       {{"inside", "entirely the object"}}},
      {"Ignore anomalies within 5 px of the object's edge.",
       "[[rule]]\nedge_distance = '> 5 px'",
       {{"min-edge-distance", "> 5 px"}}},
      {"Chips are at the edge of the object.",
       "[[rule]]\nphrases = ['chips']\nedge_distance = '<= 0 px'",
       {{"max-edge-distance", "chips: 0 px"}}},
      {"Ignore regions with a confidence below 0.3.",
       "[[rule]]\nconfidence = '>= 0.3'",
       {{"min-confidence", "30%"}}},
  };
  for (const auto& [sentence, toml, options] : table) {
    std::string text = toml;
    std::replace(text.begin(), text.end(), '\'', '"');
    const HybridPrompt prompt = parse_prompt_text(sentence);
    EXPECT_EQ(parse_prompt_toml(text, "x.toml"), prompt) << sentence;
    EXPECT_EQ(parse_prompt_options(options), prompt) << sentence;
    EXPECT_EQ(parse_prompt_toml(to_toml(prompt), "x.toml"), prompt) << to_toml(prompt);
  }
}

TEST(Sources, KeysAndOptionsAreStrongerThanTheirSentences) {
  const HybridPrompt expected = parse_prompt_text("Holes. At most two anomalies. Anomalies are at most 7%.");
  EXPECT_EQ(parse_prompt_toml("standard = 'Cracks. At most five anomalies. Anomalies are smaller than 5%.'\n"
                              "phrases = ['holes']\nmax_regions = 2\n[[rule]]\narea = '<= 7%'",
                              "x.toml"),
            expected);
  EXPECT_EQ(parse_prompt_options(
                Options{{"max-area", "7%"},
                        {"standard", "Cracks. At most five anomalies. Anomalies are smaller than 5%."},
                        {"phrases", "holes"},
                        {"max-regions", "2"}}),
            expected);
  EXPECT_EQ(rules_of(parse_prompt_options(
                Options{{"standard", "Anomalies are below 5% of the nut."}, {"object", "nut"}})),
            "area < 5% of the object");
}

TEST(Sources, LimitOfTheScoreAndOfKinds) {
  HybridPrompt prompt = parse_prompt_toml("limit = 0.45\nphrases = ['dent']\n", "x.toml");
  EXPECT_EQ(prompt.limit, 0.45);
  EXPECT_EQ(parse_prompt_toml(to_toml(prompt), "x.toml"), prompt) << to_toml(prompt);
  EXPECT_THAT(describe(prompt), HasSubstr("score of 0.45"));
  const HybridPrompt over = parse_prompt_text("At most 2 dents. At most one pit. Nothing else counts.");
  const HybridPrompt merged = merge(merge(parse_prompt_text("At most 3 dents."), prompt), over);
  EXPECT_EQ(merged.limit, 0.45);
  EXPECT_TRUE(merged.only_named);
  EXPECT_THAT(merged.kind_limits, ElementsAre(KindLimit{{"dents"}, 2}, KindLimit{{"pit"}, 1}));
  EXPECT_THAT(describe(merged), HasSubstr("of dents: the 2 best regions"));
  EXPECT_THAT(describe(merged), HasSubstr("dent   (nothing else counts)"));
  EXPECT_THAT(bad_prompt([&] { validate(merged); }), AllOf(HasSubstr("\"pit\""), HasSubstr("dent")));
}

TEST(Toml, RoundTrip) {
  for (const char* text :
       {kSentences, "", "Defect. Anomalies are smaller than 50%. At most five abnormal regions.",
        "Anomalies are larger than 0.2 mm2 and smaller than 12.3450 px. Any number of anomalies.",
        "\"a \\\\ b\", \"3 holes\". Anomalies are smaller than a third of the image.",
        "Anomalies lie entirely outside the polygon 10%, 10%, 90%, 10%, 50%, 90%.",
        "Anomalies lie at least 33.3% inside the upper half of the image. Anomalies lie on the object.",
        "Stains are not red. Stains are darker by at most 12.7%. Anomalies differ in colour from the "
        "background by 1%.",
        "Cracks are more elongated than 0.123456789. Cracks have an aspect ratio above 3.25."}) {
    const HybridPrompt prompt = parse_prompt_text(text);
    EXPECT_EQ(parse_prompt_toml(to_toml(prompt), "x.toml"), prompt) << to_toml(prompt);
  }
  HybridPrompt prompt;
  for (int i = 0; i < 1000; ++i) {
    Rule rule = test::rule(Quantity::kArea, Comparison::kAtMost, i / 999.0, Unit::kOfObject);
    if (i % 2 == 0) rule.value = i * 1e-7 / 3;
    prompt.rules.push_back(rule);
  }
  EXPECT_EQ(parse_prompt_toml(to_toml(prompt), "x.toml"), prompt);
}

std::string toml_error(const std::string& text) {
  return bad_prompt([&] { parse_prompt_toml(text, "p.toml"); });
}

TEST(Toml, StrictWithLineNumbers) {
  EXPECT_THAT(toml_error("phrases = [\"a\"]\nmax_region = 5\n"),
              AllOf(HasSubstr("p.toml, line 2"), HasSubstr("\"max_region\"")));
  EXPECT_THAT(toml_error("\n\n[[rule]]\narea = \"< 5%\"\nlenght = \"> 3 px\"\n"),
              AllOf(HasSubstr("p.toml, line 5"), HasSubstr("\"lenght\"")));
  EXPECT_THAT(toml_error("[[rule]]\narea = \"< 5 mm\"\n"),
              AllOf(HasSubstr("line 2, area"), HasSubstr("^^^^")));
  EXPECT_THAT(toml_error("[[rule]]\narea = \"5%\"\n"), HasSubstr("comparison"));
  EXPECT_THAT(toml_error("[[rule]]\narea = 5\n"), HasSubstr("quotation marks"));
  EXPECT_THAT(toml_error("[[rule]]\nphrases = [\"a\"]\n"), HasSubstr("no bound"));
  EXPECT_THAT(toml_error("[rule]\narea = \"< 5%\"\n"), HasSubstr("[[rule]]"));
  EXPECT_THAT(toml_error("max_regions = 2.5\n"), HasSubstr("whole number"));
  EXPECT_THAT(toml_error("max_regions = -1\n"), HasSubstr("0 (all of them)"));
  EXPECT_THAT(toml_error("max_regions = 99999999999\n"), HasSubstr("whole number"));
  EXPECT_THAT(toml_error("limit = 0\n"), HasSubstr("above 0"));
  EXPECT_THAT(toml_error("limit = inf\n"), HasSubstr("above 0"));
  EXPECT_THAT(toml_error("limit = \"0.5\"\n"), HasSubstr("number"));
  EXPECT_THAT(toml_error("only_named = 1\n"), HasSubstr("true or false"));
  EXPECT_THAT(toml_error("[[kind_limit]]\nmax_regions = 2\n"), HasSubstr("phrases"));
  EXPECT_THAT(toml_error("[[kind_limit]]\nphrases = ['dent']\nmax_regions = -2\n"), HasSubstr("dent is -2"));
  EXPECT_THAT(toml_error("[[kind_limit]]\nphrases = ['dent']\nregions = 2\n"), HasSubstr("unknown key"));
  EXPECT_THAT(toml_error("[kind_limit]\nphrases = ['dent']\n"), HasSubstr("[[kind_limit]]"));
  EXPECT_THAT(toml_error("phrases = [1]\n"), HasSubstr("quotation marks"));
  EXPECT_THAT(toml_error("phrases = [\"\"]\n"), HasSubstr("empty"));
  EXPECT_THAT(toml_error("pixel_size_mm = \"5\"\n"), HasSubstr("number"));
  EXPECT_THAT(toml_error("pixel_size_mm = nan\n"), HasSubstr("above 0"));
  EXPECT_THAT(toml_error("phrases = \n"), AllOf(HasSubstr("p.toml, line 1"), HasSubstr("not TOML")));
  EXPECT_THAT(toml_error("standard = \"Anomalies are smaler than 5%\"\n"), HasSubstr("smaler"));
  EXPECT_THAT(toml_error("[[rule]]\narea = \"> 50%\"\n[[rule]]\narea = \"< 5%\"\n"),
              AllOf(HasSubstr("line 2: area = > 50%"), HasSubstr("line 4: area = < 5%")));
  EXPECT_THAT(toml_error("[[rule]]\nhue = \"between 350 and 400\"\n"), HasSubstr("between 0 and 360"));
  EXPECT_THAT(toml_error("[[rule]]\ninside = \"everything\"\n"), HasSubstr("place"));
  EXPECT_THAT(toml_error("[[rule]]\nlength = \"< 5 px or so\"\n"), HasSubstr("nothing more"));
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// A parser that recurses would overrun the stack.
TEST(Toml, DepthAndLengthAreBounded) {
  const int times = 31'000;
  const std::string key = "a" + repeated(".a", times);
  for (const std::string& text :
       {key + " = 1", "[" + key + "]", "[[" + key + "]]", "x = " + repeated("[", times),
        "x = " + repeated("{a=", times), "x = {" + key + " = 1}", "x = [{ " + key + " = 1 }]",
        "\"a\"" + repeated(" . \"a\"", times) + " = 1", "\n\nx = [ # a \" comment\n" + repeated("[\n", times),
        "x = \"\"\"\n]]\"\"\"\ny = " + repeated("[[", times), "x = {y = \"\"\"z\"\"\"\", " + key + " = 1}",
        "x = {y = \'\'\'z\'\'\'\'\', " + key + " = 1}"}) {
    EXPECT_THAT(toml_error(text), HasSubstr("more than 16")) << text.substr(0, 40);
  }
  EXPECT_THAT(toml_error("\n\nx = [ # [[[[\n" + repeated("[", 40)), HasSubstr("p.toml, line 4: "));
  EXPECT_THAT(toml_error("# " + std::string(2'000'000, 'x')), HasSubstr("too long"));
  EXPECT_THAT(
      toml_error("phrases = [" + repeated("'a', ", 20) + "'" + repeated("[", 50) + repeated(".", 50) + "']"),
      "");
  EXPECT_THAT(toml_error("phrases = [" + repeated("'a', ", 5000) + "]"), HasSubstr("at most 1000"));
  EXPECT_THAT(toml_error("x = \"" + repeated("\\\"[", 50)), HasSubstr("not TOML"));
}

TEST(Sentences, AreBounded) {
  const auto error = [](const std::string& text) { return bad_prompt([&] { parse_prompt_text(text); }); };
  std::string names = "n";
  for (int i = 0; i < 2000; ++i) names += ", n" + std::to_string(i) + "x";
  EXPECT_THAT(error(names), HasSubstr("at most 1000"));
  EXPECT_THAT(error(repeated("Smaller than 5%.\n", 5000)), HasSubstr("at most 1000"));
  EXPECT_THAT(error(repeated("a b c d e f ", 8000)), HasSubstr("six words"));
}

TEST(Options, Errors) {
  const auto error = [](const char* name, const char* value) {
    return bad_prompt([&] { parse_prompt_options(Options{{name, value}}); });
  };
  EXPECT_THAT(error("max-area", "5"), AllOf(HasSubstr("--max-area"), HasSubstr("unit")));
  EXPECT_THAT(error("max-area", "> 5%"), HasSubstr("comparison"));
  EXPECT_THAT(error("max-area", ""), HasSubstr("number"));
  EXPECT_THAT(error("max-size", "5%"), HasSubstr("no such option"));
  EXPECT_THAT(error("max-regions", "five"), HasSubstr("whole number"));
  EXPECT_THAT(error("max-regions", "-1"), HasSubstr("0 (all of them)"));
  EXPECT_THAT(error("object-count", "0"), HasSubstr("1 or more"));
  EXPECT_THAT(error("pixel-size", "5 px"), HasSubstr("length"));
  EXPECT_THAT(error("min-length", "cracks 20 px"), HasSubstr("expected"));
  EXPECT_THAT(error("hue", "20"), HasSubstr("comparison"));
  EXPECT_THAT(error("object", "n\xFFt"), HasSubstr("UTF-8"));
  EXPECT_THAT(error("standard", "smaller 5"), HasSubstr("--standard"));
}

TEST(Options, EveryListedOneIsKnown) {
  for (const PromptOption& option : prompt_options()) {
    EXPECT_FALSE(option.help.empty()) << option.name;
    const std::string message = bad_prompt([&] {
      parse_prompt_options(Options{{std::string(option.name), "\""}});
    });
    EXPECT_EQ(message.find("no such option"), std::string::npos) << option.name;
  }
}

TEST(Options, Values) {
  const auto rules = [](const char* name, const char* value) {
    return rules_of(parse_prompt_options(Options{{name, value}}));
  };
  EXPECT_EQ(rules("max-area", "5%"), "area <= 5% of the object");
  EXPECT_EQ(rules("max-area", "0.05"), "area <= 5% of the object");
  EXPECT_EQ(rules("max-area", "< 5% of the image"), "area < 5% of the image");
  EXPECT_EQ(rules("min-area", "12 px"), "area >= 12 px2");
  EXPECT_EQ(rules("min-brightness", "-10%"), "brightness against the surroundings >= -10%");
  EXPECT_EQ(rules("darker", "> 0"), "brightness against the surroundings < 0%");
  EXPECT_EQ(rules("hue", "not 350 to 20"), "hue not between 350 and 20");
  EXPECT_EQ(rules("outside", "entirely polygon 0 0 10 0 5 5"),
            "outside entirely polygon 0, 0, 10, 0, 5, 5 px");
  EXPECT_EQ(rules("inside", "80% the object"), "inside 80% the object");
  EXPECT_EQ(parse_prompt_options(Options{{"phrases", "crack. hole"}, {"phrases", "cut"}}).phrases,
            (std::vector<std::string>{"crack", "hole", "cut"}));
}

TEST(Merge, TheStrongerSourceWins) {
  const HybridPrompt file = parse_prompt_text(
      "Cracks. At most five anomalies. Anomalies are smaller than 5% and larger than 10 px. Cracks are "
      "shorter than 9 px.");
  const HybridPrompt over = parse_prompt_options(Options{{"max-area", "7%"}, {"max-regions", "2"}});
  const HybridPrompt merged = merge(file, over);
  EXPECT_THAT(merged.phrases, ElementsAre("cracks"));
  EXPECT_EQ(merged.max_regions, 2);
  EXPECT_EQ(rules_of(merged), "area > 10 px2\nlength < 9 px (cracks only)\narea <= 7% of the object");
  EXPECT_THAT(merge(file, parse_prompt_text("Hole.")).phrases, ElementsAre("hole"));
  EXPECT_EQ(merge(file, HybridPrompt{}), file);
  EXPECT_EQ(merge(HybridPrompt{}, file), file);
}

TEST(Validate, PixelSizeAndPhrases) {
  const auto error = [](const char* text) { return bad_prompt([&] { validate(parse_prompt_text(text)); }); };
  EXPECT_THAT(error("Crack. Cracks are longer than 2 mm."), HasSubstr("size of a pixel"));
  EXPECT_EQ(error("Crack. Cracks are longer than 2 mm. A pixel is 0.1 mm."), "");
  EXPECT_THAT(error("Crack. Holes are longer than 20 px."),
              AllOf(HasSubstr("\"holes\""), HasSubstr("crack")));
  EXPECT_THAT(error("Anomlies are smaller than 5%."), HasSubstr("\"anomalies\"?"));
  EXPECT_EQ(error("Blow hole. Holes are longer than 20 px."), "");
  EXPECT_EQ(error("Holes are longer than 20 px."), "");
  HybridPrompt prompt;
  prompt.rules = {test::rule(Quantity::kArea, Comparison::kLess, 5, Unit::kOfObject)};
  EXPECT_NE(bad_prompt([&] { validate(prompt); }), "");
  prompt.rules = {test::rule(Quantity::kLength, Comparison::kLess, 5, Unit::kNone)};
  EXPECT_NE(bad_prompt([&] { validate(prompt); }), "");
  prompt.rules = {test::rule(Quantity::kLocation, Comparison::kInside, 0.5, Unit::kPixels)};
  prompt.rules[0].region = {{0, 0}, {5, 5}, {10, 10}};
  EXPECT_THAT(bad_prompt([&] { validate(prompt); }), HasSubstr("empty"));
}

TEST(Sought, WhatIsNamedElseDefect) {
  EXPECT_THAT(sought_phrases(HybridPrompt{}), ElementsAre("defect"));
  EXPECT_THAT(sought_phrases(parse_prompt_text("Crack. Anomalies are longer than 2 px.")),
              ElementsAre("crack"));
  EXPECT_THAT(sought_phrases(parse_prompt_text("Holes are longer than 2 px. A hole is narrower than 9 px.")),
              ElementsAre("defect", "holes"));
}

TEST(Load, ByExtension) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "a.txt")
      << "# the paper's\nDefect. Anomalies are smaller than 50%.\nAt most five abnormal regions.\n";
  std::ofstream(folder / "a.toml") << to_toml(generic_prompt());
  std::ofstream(folder / "bad.txt") << "smaller 5";
  EXPECT_EQ(load_prompt(folder / "a.txt"), generic_prompt());
  EXPECT_EQ(load_prompt(folder / "a.toml"), generic_prompt());
  EXPECT_THAT(bad_prompt([&] { load_prompt(folder / "bad.txt"); }), HasSubstr("bad.txt"));
  EXPECT_THROW(load_prompt(folder / "none.toml"), Error);
}

TEST(Describe, IsStable) {
  EXPECT_EQ(describe(parse_prompt_text(
                "Crack, hole. The image shows 2 nuts. A pixel is 0.05 mm. At most one anomaly. "
                "Anomalies are smaller than 5%. Cracks are longer than 20 px.")),
            "look for:   crack, hole\n"
            "object:     nuts, 2 in the image\n"
            "pixel size: 0.05 mm\n"
            "keep:       the best region\n"
            "rules:      1. area < 5% of the object   <- Anomalies are smaller than 5%\n"
            "               an area of 5% of the object or more is discarded, not reported: a gross "
            "defect passes\n"
            "            2. length > 20 px (cracks only)   <- Cracks are longer than 20 px\n"
            "               cracks: a length of 20 px or less is discarded, not reported\n");
}

}  // namespace
}  // namespace anomalyvlm
