// What English sentences mean.
#include <gmock/gmock.h>

#include "prompts/prompt_helpers.h"

namespace anomalyvlm {
namespace {

using test::error_of;
using test::rule;
using test::rules_in;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(PaperSentences, Phrases) {
  EXPECT_THAT(parse_prompt_text("white prints, cracks, holes, cuts.").phrases,
              ElementsAre("white prints", "cracks", "holes", "cuts"));
  EXPECT_THAT(parse_prompt_text("Dot. Scratch.").phrases, ElementsAre("dot", "scratch"));
  EXPECT_THAT(parse_prompt_text("Crack. Bent wire. Missing cable,").phrases,
              ElementsAre("crack", "bent wire", "missing cable"));
  EXPECT_THAT(parse_prompt_text("large breakage").phrases, ElementsAre("large breakage"));
  EXPECT_THAT(parse_prompt_text("black hole. blow hole. break. crack. fray. uneven.").phrases,
              ElementsAre("black hole", "blow hole", "break", "crack", "fray", "uneven"));
}

TEST(PaperSentences, AreaRule) {
  const Rule five = rule(Quantity::kArea, Comparison::kLess, 0.05, Unit::kOfObject);
  for (const char* text :
       {"Anomalies are smaller than 5% of the object area.",
        "Anomalies are smaller than 5% (of the object area).", "Anomalies are smaller than 5%",
        "anomalies are smaller than five percent of the object",
        "Anomalies are smaller than 5 per cent of the object's area.",
        "Defects would be less than 0.05 of the object.", "All anomalous regions are smaller than 5 %.",
        "The area of anomalies is below 5% of the object.", "Anomalies have an area of less than 5%.",
        "Anomalies cover less than 5% of the object", "Smaller than 5%.",
        "Ignore anomalies that are not smaller than 5%."}) {
    EXPECT_THAT(parse_prompt_text(text).rules, ElementsAre(five)) << text;
  }
  EXPECT_THAT(parse_prompt_text("Anomalies are smaller than 50%.").rules,
              ElementsAre(rule(Quantity::kArea, Comparison::kLess, 0.5, Unit::kOfObject)));
}

TEST(PaperSentences, RegionNumber) {
  for (const char* text : {"At most five abnormal regions.",
                           "at most 5 anomalies",
                           "No more than five defects.",
                           "Up to 5 flaws.",
                           "A maximum of five anomalies.",
                           "Maximum 5 regions",
                           "Fewer than six abnormal regions.",
                           "Five abnormal regions at most.",
                           "Five or fewer anomalies.",
                           "There are at most five anomalous regions.",
                           "There are no more than 5 defects in the image.",
                           "The image has at most five abnormal regions.",
                           "Each image shows up to five defects",
                           "Keep the five best regions.",
                           "Keep at most 5 anomalies.",
                           "Exactly five abnormal regions.",
                           "At most five abnormal regions per image",
                           "Not more than five faults.",
                           "Max. 5 anomalies.",
                           "Max 5 defects",
                           "Maximum five anomalies",
                           "The number of abnormal regions is at most five.",
                           "Find at most five anomalies.",
                           "The maximum number of anomalies is 5.",
                           "The number of defects must not exceed five.",
                           "At most five anomaly regions."}) {
    EXPECT_EQ(parse_prompt_text(text).max_regions, 5) << text;
  }
  for (const char* text : {"At most one abnormal region.", "A single abnormal region.", "Only one anomaly.",
                           "One anomaly.", "Less than two defects", "Only a single defect."}) {
    const HybridPrompt prompt = parse_prompt_text(text);
    EXPECT_EQ(prompt.max_regions, 1) << text;
    EXPECT_TRUE(prompt.phrases.empty()) << text;
  }
  EXPECT_EQ(parse_prompt_text("Any number of abnormal regions.").max_regions, 0);
}

TEST(KindLimits, NumbersOfCertainRegions) {
  for (const char* text :
       {"No more than two scratches.", "At most 2 scratches are expected.", "Up to two scratches per image.",
        "A maximum of two scratches.", "The number of scratches is at most two.",
        "Maximum number of scratches: 2.", "A maximum of two scratches per part.",
        "There are at most two scratches.", "The image has at most two scratches.", "Max. 2 scratches",
        "Two or fewer scratches.", "Keep at most 2 scratches.", "Fewer than three scratches are expected."}) {
    const HybridPrompt prompt = parse_prompt_text(text);
    EXPECT_THAT(prompt.kind_limits, ElementsAre(KindLimit{{"scratches"}, 2})) << text;
    EXPECT_FALSE(prompt.max_regions) << text;
    EXPECT_THAT(sought_phrases(prompt), ElementsAre("defect", "scratches")) << text;
  }
  const HybridPrompt several =
      parse_prompt_text("At most five regions. At most one dent or pit. At most 2 scratches.");
  EXPECT_EQ(several.max_regions, 5);
  EXPECT_THAT(several.kind_limits, ElementsAre(KindLimit{{"dent", "pit"}, 1}, KindLimit{{"scratches"}, 2}));
}

// A limit on what is reported is none on what a part may have.
TEST(KindLimits, NumbersThatAPartMayHaveAreRefused) {
  for (const char* text :
       {"At most two scratches are allowed.", "Fewer than three scratches are acceptable.",
        "A maximum of two scratches per part is allowed.", "Maximum permissible number of scratches: 2.",
        "More than two scratches are not acceptable.", "More than two scratches are rejected.",
        "Reject parts with more than two scratches.", "Discard parts with at least 3 scratches.",
        "Parts with more than two scratches are rejected.", "Parts must not have more than two scratches.",
        "Reject the part if it has more than two scratches.", "Accept up to two scratches.",
        "Not allowed: more than two scratches."}) {
    EXPECT_THAT(error_of(text), HasSubstr("how many a part may have cannot be judged")) << text;
  }
  EXPECT_EQ(parse_prompt_text("At most five anomalies are allowed.").max_regions, 5);
}

TEST(OnlyNamed, Sentences) {
  for (const char* text :
       {"Scratches. Nothing else counts.", "Scratches. Only these count.",
        "Scratches. Ignore everything else.", "Scratches. Nothing else.", "Look only for scratches."}) {
    const HybridPrompt prompt = parse_prompt_text(text);
    EXPECT_TRUE(prompt.only_named) << text;
    EXPECT_THAT(prompt.phrases, ElementsAre("scratches")) << text;
  }
  EXPECT_FALSE(parse_prompt_text("Look for scratches.").only_named);
}

TEST(PaperSentences, TheThreeTogether) {
  const HybridPrompt prompt =
      parse_prompt_text("Defect. Anomalies are smaller than 50%. At most five abnormal regions.");
  EXPECT_THAT(prompt.phrases, ElementsAre("defect"));
  EXPECT_THAT(prompt.rules, ElementsAre(rule(Quantity::kArea, Comparison::kLess, 0.5, Unit::kOfObject)));
  EXPECT_EQ(prompt.max_regions, 5);
  EXPECT_EQ(prompt, generic_prompt());
}

TEST(PaperSentences, PropertyOfTheReleasedCode) {
  const HybridPrompt prompt = parse_prompt_text(
      "the image of mtd have 1 dissimilar mtd, with a maximum of 5 anomaly. The anomaly would not exceed 0.9 "
      "object "
      "area. ");
  EXPECT_EQ(prompt.object, "mtd");
  EXPECT_EQ(prompt.object_count, 1);
  EXPECT_EQ(prompt.max_regions, 5);
  EXPECT_THAT(prompt.rules, ElementsAre(rule(Quantity::kArea, Comparison::kAtMost, 0.9, Unit::kOfObject)));
  const HybridPrompt whole = parse_prompt_text(
      "the image of pcb3 have four similar printed_circuit_board with a maximum of 12 anomaly. The anomaly "
      "would not "
      "exceed 1. object area.");
  EXPECT_EQ(whole.object, "printed circuit board");
  EXPECT_EQ(whole.object_count, 4);
  EXPECT_EQ(whole.max_regions, 12);
  EXPECT_THAT(whole.rules, ElementsAre(rule(Quantity::kArea, Comparison::kAtMost, 1, Unit::kOfObject)));
}

TEST(Numbers, WordsAndDigits) {
  const std::vector<std::pair<const char*, int>> cases = {{"one", 1},          {"seven", 7},
                                                          {"twelve", 12},      {"nineteen", 19},
                                                          {"twenty", 20},      {"forty-two", 42},
                                                          {"ninety nine", 99}, {"one hundred", 100},
                                                          {"a hundred", 100},  {"two hundred five", 205},
                                                          {"a dozen", 12},     {"half a dozen", 6},
                                                          {"two dozen", 24},   {"a thousand", 1000},
                                                          {"17", 17}};
  for (const auto& [words, number] : cases) {
    EXPECT_EQ(parse_prompt_text(std::string("At most ") + words + " anomalies.").max_regions, number)
        << words;
  }
  const std::vector<std::pair<const char*, double>> shares = {{"half of the object", 0.5},
                                                              {"a third of the object", 1.0 / 3},
                                                              {"two thirds of the object", 2.0 / 3},
                                                              {"three quarters of the object", 0.75},
                                                              {"a tenth of the object's area", 0.1},
                                                              {".5", 0.5},
                                                              {"0.07", 0.07},
                                                              {"7%", 0.07},
                                                              {"12.5 %", 0.125},
                                                              {"one hundred percent", 1}};
  for (const auto& [words, share] : shares) {
    const HybridPrompt prompt = parse_prompt_text(std::string("Anomalies are at most ") + words + ".");
    ASSERT_EQ(prompt.rules.size(), 1u) << words;
    EXPECT_DOUBLE_EQ(prompt.rules[0].value, share) << words;
  }
}

TEST(Rules, OneSentenceEach) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"Cracks are longer than 20 px.", "length > 20 px (cracks only)"},
      {"Scratches and cuts are at least 3 px wide.", "width >= 3 px (scratches, cuts only)"},
      {"Scratches, cuts and white prints are no longer than 40 pixels.",
       "length <= 40 px (scratches, cuts, white prints only)"},
      {"Anomalies are no larger than 3 cm2.", "area <= 300 mm2"},
      {"Anomalies are larger than 20 px.", "area > 20 px2"},
      {"Anomalies are larger than 20 square pixels.", "area > 20 px2"},
      {"Anomalies are larger than 0.2 mm\xC2\xB2.", "area > 0.2 mm2"},
      {"Anomalies are at least 20 px in area.", "area >= 20 px2"},
      {"Anomalies are below 1% of the image.", "area < 1% of the image"},
      {"Anomalies cover more than 1% of the image area.", "area > 1% of the image"},
      {"Anomalies are not smaller than 2%.", "area >= 2% of the object"},
      {"Anomalies are not larger than 2%.", "area <= 2% of the object"},
      {"Anomalies would not exceed 2%.", "area <= 2% of the object"},
      {"Anomalies do not exceed 2%.", "area <= 2% of the object"},
      {"Anomalies don\xE2\x80\x99t exceed 20 px in length.", "length <= 20 px"},
      {"Anomalies are between 2 and 5% of the object.", "area >= 2% of the object\narea <= 5% of the object"},
      {"Cracks are from 20 to 30 px long.", "length >= 20 px (cracks only)\nlength <= 30 px (cracks only)"},
      {"Cracks are 20-30 px long.", "length >= 20 px (cracks only)\nlength <= 30 px (cracks only)"},
      {"Cracks have a length between 2 and 3 cm.",
       "length >= 20 mm (cracks only)\nlength <= 30 mm (cracks only)"},
      {"Cracks have a minimum length of 20 px.", "length >= 20 px (cracks only)"},
      {"Cracks are exactly 20 px long.", "length >= 20 px (cracks only)\nlength <= 20 px (cracks only)"},
      {"The length of cracks does not exceed 50 um.", "length <= 0.05 mm (cracks only)"},
      {"Cracks are narrower than 1 mm.", "width < 1 mm (cracks only)"},
      {"Anomalies have an aspect ratio of at least 3.", "aspect ratio >= 3"},
      {"The aspect ratio of scratches is above 4.5.", "aspect ratio > 4.5 (scratches only)"},
      {"Scratches are more elongated than 0.8.", "elongation > 0.8 (scratches only)"},
      {"Anomalies are rounder than 0.6.", "circularity > 0.6"},
      {"Pores are less round than 0.6.", "circularity < 0.6 (pores only)"},
      {"Anomalies have a circularity below 60%.", "circularity < 0.6"},
      {"Holes are darker than their surroundings.", "brightness against the surroundings < 0% (holes only)"},
      {"Holes are not darker than their surroundings.",
       "brightness against the surroundings >= 0% (holes only)"},
      {"Stains are brighter than the surroundings by 10%.",
       "brightness against the surroundings >= 10% (stains only)"},
      {"Stains are darker than the background by more than 0.1.",
       "brightness against the surroundings < -10% (stains only)"},
      {"Stains are at least 10% darker than the surroundings.",
       "brightness against the surroundings <= -10% (stains only)"},
      {"Stains are darker by at most 10%.",
       "brightness against the surroundings < 0% (stains only)\n"
       "brightness against the surroundings >= -10% (stains only)"},
      {"Stains differ in colour from their surroundings by 5%.",
       "colour difference from the surroundings >= 5% (stains only)"},
      {"Stains are different in color from the background by more than 5%.",
       "colour difference from the surroundings > 5% (stains only)"},
      {"Stains are yellow.", "hue between 45 and 70 (stains only)"},
      {"Stains are not red.", "hue not between 345 and 15 (stains only)"},
      {"Rust has a hue between 350 and 40 degrees.", "hue between 350 and 40 (rust only)"},
      {"The hue of rust is from 10 to 40\xC2\xB0.", "hue between 10 and 40 (rust only)"},
      {"Anomalies lie inside the rectangle 10, 20, 200, 180.", "inside rectangle 10, 20, 200, 180 px"},
      {"Anomalies lie in the box from (10, 20) to (200, 180) px.", "inside rectangle 10, 20, 200, 180 px"},
      {"Anomalies are outside of the rectangle 10%, 20%, 90%, 80%.",
       "outside rectangle 10%, 20%, 90%, 80% of the image"},
      {"Anomalies are entirely within the rectangle 0.1, 0.2, 0.9, 0.8 of the image.",
       "inside entirely rectangle 10%, 20%, 90%, 80% of the image"},
      {"Anomalies are inside the polygon (10, 10), (90, 10), (50, 90).",
       "inside polygon 10, 10, 90, 10, 50, 90 px"},
      {"Anomalies lie at least 80% inside the left half of the image.",
       "inside 80% rectangle 0%, 0%, 50%, 100% of the image"},
      {"Anomalies lie on the object.", "inside the object"},
      {"Ignore everything outside the object.", "inside the object"},
      {"Ignore anomalies within 5 px of the object's edge.", "distance to the object's edge > 5 px"},
      {"Ignore anomalies closer than 5 px to the edge of the object.",
       "distance to the object's edge >= 5 px"},
      {"Chips are within 0.5 mm of the edge.", "distance to the object's edge <= 0.5 mm (chips only)"},
      {"Anomalies are at least 5 px from the edge.", "distance to the object's edge >= 5 px"},
      {"Anomalies are farther from the object's edge than 5 px.", "distance to the object's edge > 5 px"},
      {"Anomalies do not touch the object's edge.", "distance to the object's edge > 0 px"},
      {"Ignore regions touching the edge.", "distance to the object's edge > 0 px"},
      {"Ignore regions with a confidence below 0.3.", "confidence >= 0.3"},
      {"Keep only anomalies with a confidence of at least 30%.", "confidence >= 0.3"},
      {"The minimum confidence is 0.3.", "confidence >= 0.3"},
      {"Cracks are more confident than 0.4.", "confidence > 0.4 (cracks only)"},
      {"Cracks are longer than 20 px and narrower than 5 px, but not darker than their surroundings.",
       "length > 20 px (cracks only)\nwidth < 5 px (cracks only)\n"
       "brightness against the surroundings >= 0% (cracks only)"},
      {"Cracks are longer than 20 px and have an aspect ratio above 3.",
       "length > 20 px (cracks only)\naspect ratio > 3 (cracks only)"},
      {"Anomalies have an area below 5% and a confidence above 0.2.",
       "area < 5% of the object\nconfidence > 0.2"},
      {"At least 20 px long.", "length >= 20 px"},
      {"Minimum confidence 0.3.", "confidence >= 0.3"},
      {"Maximum area: 5%.", "area <= 5% of the object"},
      {"Length > 20 px", "length > 20 px"},
      {"area < 5% of the image", "area < 5% of the image"},
      {"Only keep anomalies above 20 px2.", "area > 20 px2"},
      {"Look only inside the rectangle 10, 20, 200, 180.", "inside rectangle 10, 20, 200, 180 px"},
      {"Ignore the rectangle 10, 20, 200, 180.", "outside rectangle 10, 20, 200, 180 px"},
      {"Ignore the left half of the picture.", "outside rectangle 0%, 0%, 50%, 100% of the image"},
      {"No anomaly is smaller than 5%.", "area >= 5% of the object"},
      {"There are no cracks shorter than 20 px.", "length >= 20 px (cracks only)"},
      {"Cracks shorter than 20 px are ignored.", "length >= 20 px (cracks only)"},
      {"Only scratches that are longer than 20 px are kept.", "length > 20 px (scratches only)"},
      {"Ignore regions below 2%.", "area >= 2% of the object"},
      {"Anomalies do not lie at the edge.", "distance to the object's edge > 0 px"},
      {"Stains differ from the background in colour by 5%.",
       "colour difference from the surroundings >= 5% (stains only)"},
      {"The width of cracks does not exceed 3 px.", "width <= 3 px (cracks only)"},
  };
  for (const auto& [text, meaning] : cases) EXPECT_EQ(rules_in(text), meaning) << text;
}

TEST(Rules, GenericWordsMeanEveryRegion) {
  for (const char* subject :
       {"Anomalies", "The anomalies", "Defects", "Flaws", "Abnormal regions", "Anomalous areas",
        "Defective regions", "All regions", "Abnormalities", "Any defect", "Every anomaly"}) {
    const bool one =
        std::string_view(subject).starts_with("Any ") || std::string_view(subject).starts_with("Every");
    const HybridPrompt prompt =
        parse_prompt_text(std::string(subject) + (one ? " is" : " are") + " longer than 3 px.");
    ASSERT_EQ(prompt.rules.size(), 1u) << subject;
    EXPECT_TRUE(prompt.rules[0].phrases.empty()) << subject;
  }
}

TEST(Phrases, Lists) {
  EXPECT_THAT(parse_prompt_text("Cracks, holes and cuts.").phrases, ElementsAre("cracks", "holes", "cuts"));
  EXPECT_THAT(parse_prompt_text("Look for a crack or some white prints.").phrases,
              ElementsAre("crack", "white prints"));
  EXPECT_THAT(parse_prompt_text("Only look for cracks.").phrases, ElementsAre("cracks"));
  EXPECT_THAT(parse_prompt_text("Defects: cracks, holes.").phrases, ElementsAre("cracks", "holes"));
  EXPECT_THAT(parse_prompt_text("Defects include cracks, holes.").phrases, ElementsAre("cracks", "holes"));
  EXPECT_THAT(parse_prompt_text("crack; CRACK\ncrack").phrases, ElementsAre("crack"));
  EXPECT_THAT(parse_prompt_text("foreign matter on the surface").phrases,
              ElementsAre("foreign matter on the surface"));
  EXPECT_THAT(parse_prompt_text("bent_wire. dead pixels. missing cover. aluminium can").phrases,
              ElementsAre("bent wire", "dead pixels", "missing cover", "aluminium can"));
  EXPECT_THAT(parse_prompt_text("defect on mtd, defects on wood, anomalies").phrases,
              ElementsAre("defect on mtd", "defects on wood", "anomalies"));
  EXPECT_THAT(
      parse_prompt_text("\"3D print, larger than life\", R\xC3\xBCss, \xE8\xA3\x82\xE7\xBA\xB9").phrases,
      ElementsAre("3d print, larger than life", "r\xC3\xBCss", "\xE8\xA3\x82\xE7\xBA\xB9"));
  EXPECT_TRUE(parse_prompt_text("").phrases.empty());
  EXPECT_TRUE(parse_prompt_text(" . ;\n\n# a comment: 5 of them\n").phrases.empty());
}

TEST(Objects, NameNumberAndPixelSize) {
  EXPECT_EQ(parse_prompt_text("The object is a printed circuit board.").object, "printed circuit board");
  const HybridPrompt candles = parse_prompt_text("The image shows four similar candles.");
  EXPECT_EQ(candles.object, "candles");
  EXPECT_EQ(candles.object_count, 4);
  EXPECT_EQ(parse_prompt_text("The picture shows a hazelnut.").object, "hazelnut");
  EXPECT_EQ(parse_prompt_text("A pixel is 0.05 mm wide.").pixel_size_mm, 0.05);
  EXPECT_EQ(parse_prompt_text("The pixel size is 50 \xC2\xB5m.").pixel_size_mm, 0.05);
  EXPECT_EQ(rules_in("The object is a hazelnut. Anomalies are smaller than a tenth of the hazelnut."),
            "area < 10% of the object");
}

}  // namespace
}  // namespace anomalyvlm
