// Sentences that describe what counts, sentences that judge what fails a part, and those that could do
// either.
#include <gmock/gmock.h>

#include "prompts/prompt_helpers.h"

namespace anomalyvlm {
namespace {

using test::bad_prompt;
using test::error_of;
using test::rules_in;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Judgement, WhatFailsIsReported) {
  for (const char* text : {"Reject scratches longer than 60 px.",
                           "Reject parts with scratches longer than 60 px.",
                           "Reject any part with scratches that are longer than 60 px.",
                           "Scratches longer than 60 px are rejected.",
                           "Scratches longer than 60 px are not acceptable.",
                           "Scratches longer than 60 px are not permitted.",
                           "Scratches longer than 60 px are not allowed.",
                           "Scratches longer than 60 px are not tolerated.",
                           "Scratches longer than 60 px are unacceptable.",
                           "Scratches longer than 60 px are forbidden.",
                           "Scratches longer than 60 px are defects.",
                           "Scratches longer than 60 px are considered defects.",
                           "Scratches longer than 60 px count as defects.",
                           "Scratches longer than 60 px are cause for rejection.",
                           "Scratches longer than 60 px cause rejection.",
                           "Scratches longer than 60 px lead to rejection.",
                           "Scratches longer than 60 px shall be rejected.",
                           "Scratches longer than 60 px must be rejected.",
                           "Scratches longer than 60 px will be rejected.",
                           "Scratches longer than 60 px shall not be accepted.",
                           "Scratches longer than 60 px may not be accepted.",
                           "Scratches longer than 60 px cannot be accepted.",
                           "Scratches longer than 60 px fail.",
                           "Scratches longer than 60 px fail the part.",
                           "Scratches longer than 60 px: reject.",
                           "Scratches longer than 60 px not allowed.",
                           "Scratches exceeding 60 px in length are not permitted.",
                           "Scratches of more than 60 px in length are not permitted.",
                           "Scratches with a length above 60 px are rejected.",
                           "Scratches that are longer than 60 px are rejected.",
                           "Scratches over 60 px in length are rejected.",
                           "Parts with scratches longer than 60 px are rejected.",
                           "Discard parts with scratches longer than 60 px.",
                           "Discard all products with scratches longer than 60 px.",
                           "Remove parts with scratches longer than 60 px.",
                           "Exclude any piece that has scratches longer than 60 px.",
                           "Leave out items showing scratches longer than 60 px.",
                           "Report components with scratches longer than 60 px.",
                           "Do not keep parts with scratches longer than 60 px.",
                           "Discard the part if a scratch is longer than 60 px.",
                           "If a scratch is longer than 60 px, discard the part.",
                           "If a scratch is longer than 60 px, the part is discarded.",
                           "The part is removed if a scratch is longer than 60 px.",
                           "Parts with scratches longer than 60 px are discarded.",
                           "Parts with scratches longer than 60 px are removed.",
                           "Parts with scratches longer than 60 px are excluded.",
                           "Parts with scratches longer than 60 px shall be discarded.",
                           "Parts which show scratches longer than 60 px must not be kept.",
                           "Products with scratches longer than 60 px: discard.",
                           "To be discarded: parts with scratches longer than 60 px.",
                           "The object is the gear. Discard gears with scratches longer than 60 px.",
                           "Keep parts with scratches up to 60 px long.",
                           "Do not discard parts with scratches up to 60 px long.",
                           "Parts with scratches up to 60 px long are kept.",
                           "Do not accept scratches longer than 60 px.",
                           "Do not allow scratches longer than 60 px.",
                           "Not acceptable: scratches longer than 60 px.",
                           "No scratches longer than 60 px are allowed.",
                           "No scratches longer than 60 px allowed.",
                           "There must be no scratches longer than 60 px.",
                           "No scratch may be longer than 60 px.",
                           "No scratch shall exceed 60 px in length.",
                           "Scratches must not be longer than 60 px.",
                           "Scratches shall not be longer than 60 px.",
                           "Scratches may not be longer than 60 px.",
                           "Scratches should not be longer than 60 px.",
                           "Scratches mustn't be longer than 60 px.",
                           "Scratches must not exceed 60 px in length.",
                           "Scratches may not exceed a length of 60 px.",
                           "Not allowed: scratches longer than 60 px.",
                           "Scratches must be no longer than 60 px.",
                           "Scratches shall be at most 60 px long.",
                           "Scratches have to be at most 60 px long.",
                           "Scratches may be up to 60 px long.",
                           "The length of scratches must not exceed 60 px.",
                           "The length of scratches shall be at most 60 px.",
                           "The scratch length must not exceed 60 px. Scratches.",
                           "Scratches up to 60 px long are allowed.",
                           "Scratches up to 60 px in length are acceptable.",
                           "Scratches of up to 60 px in length are tolerated.",
                           "Scratches not exceeding 60 px in length are permitted.",
                           "Scratches up to 60 px long may be accepted.",
                           "Scratches up to 60 px long are no defects.",
                           "Scratches up to 60 px long are not rejected.",
                           "Scratches up to 60 px long pass.",
                           "Accept scratches up to 60 px long.",
                           "Allow scratches up to 60 px long.",
                           "Tolerate scratches up to 60 px long.",
                           "Permissible: scratches up to 60 px long.",
                           "Maximum permissible scratch length: 60 px. Scratches.",
                           "Maximum allowed length of scratches: 60 px.",
                           "The maximum permitted length of scratches is 60 px.",
                           "Permissible length of scratches: up to 60 px."}) {
    HybridPrompt prompt;
    ASSERT_NO_THROW(prompt = parse_prompt_text(text)) << text;
    ASSERT_EQ(prompt.rules.size(), 1u) << text;
    EXPECT_EQ(prompt.rules[0].quantity, Quantity::kLength) << text;
    EXPECT_EQ(prompt.rules[0].comparison, Comparison::kGreater) << text;
    EXPECT_EQ(prompt.rules[0].value, 60) << text;
    EXPECT_EQ(prompt.rules[0].criterion, 1) << text;
    ASSERT_EQ(prompt.rules[0].phrases.size(), 1u) << text;
    EXPECT_THAT(prompt.rules[0].phrases[0], testing::StartsWith("scratch")) << text;
  }
}

TEST(Judgement, PartsThatMayBePassedOverAreAskedFor) {
  for (const char* text :
       {"Ignore parts with scratches longer than 60 px.", "Disregard parts with scratches longer than 60 px.",
        "Skip products with scratches longer than 60 px.",
        "Do not inspect parts with scratches longer than 60 px.",
        "Parts with scratches longer than 60 px are ignored.",
        "Ignore the part if a scratch is longer than 60 px."}) {
    EXPECT_THAT(error_of(text), AllOf(HasSubstr("two ways"), HasSubstr("\"Reject parts with ...\""))) << text;
  }
  for (const char* text :
       {"Discard parts longer than 60 px.", "Remove the defective parts with scratches longer than 60 px.",
        "Scratched products longer than 60 px are discarded.",
        "If a scratch is longer than 60 px, discard it.",
        "If scratches are longer than 60 px, they are removed."})
    EXPECT_THAT(error_of(text), HasSubstr("two ways")) << text;
  // What is said of the regions stays: they are left out.
  for (const char* text :
       {"Discard scratches shorter than 20 px.", "Remove scratches shorter than 20 px.",
        "If a scratch is shorter than 20 px, ignore it.", "Scratches shorter than 20 px are discarded."}) {
    const HybridPrompt prompt = parse_prompt_text(text);
    ASSERT_EQ(prompt.rules.size(), 1u) << text;
    EXPECT_EQ(prompt.rules[0].comparison, Comparison::kAtLeast) << text;
    EXPECT_EQ(prompt.rules[0].criterion, 0) << text;
  }
  EXPECT_THAT(error_of("Keep parts with scratches longer than 60 px."), HasSubstr("small or doubtful"));
}

// What is left out must not become what is looked for.
TEST(Judgement, ExceptionsAreRefused) {
  for (const char* text :
       {"Anything but scratches.", "Everything but scratches.", "Defects without scratches.",
        "Cracks, but scratches.", "Look for all defects besides scratches.", "Defects apart from scratches.",
        "Reject parts without labels.", "Anomalies aside from stains are rejected."})
    EXPECT_THAT(error_of(text), HasSubstr("would be looked for too")) << text;
  EXPECT_THAT(parse_prompt_text("\"Hole without thread\".").phrases, ElementsAre("hole without thread"));
  EXPECT_FALSE(error_of("Anything except scratches.").empty());
  EXPECT_FALSE(error_of("Anything other than scratches.").empty());
}

TEST(Judgement, CriteriaNameWhatIsLookedFor) {
  const HybridPrompt prompt = parse_prompt_text("Reject scratches longer than 60 px and wider than 3 px.");
  EXPECT_THAT(sought_phrases(prompt), ElementsAre("scratches"));
  EXPECT_THAT(sought_phrases(parse_prompt_text("Reject defects longer than 60 px.")), ElementsAre("defect"));
  const HybridPrompt again = parse_prompt_toml(to_toml(prompt), "x.toml");
  EXPECT_EQ(again, prompt) << to_toml(prompt);
  EXPECT_EQ(again.rules[0].criterion, 1);
  validate(merge(prompt, again));
  for (const char* number : {"0", "-1", "1001", "1.5", "'one'"}) {
    const std::string toml = std::string("[[rule]]\nlength = '> 5 px'\ncriterion = ") + number;
    EXPECT_THAT(bad_prompt([&] { parse_prompt_toml(toml, "x.toml"); }), HasSubstr("criterion must be"))
        << number;
  }
}

TEST(Judgement, OtherMeasures) {
  EXPECT_EQ(rules_in("Scratches up to 2 mm are allowed."), "length > 2 mm (scratches only)");
  EXPECT_EQ(rules_in("Allow dents below 2 mm."), "length >= 2 mm (dents only)");
  EXPECT_EQ(rules_in("Reject stains larger than 3 mm2."), "area > 3 mm2 (stains only)");
  EXPECT_EQ(rules_in("Defects longer than 60 px are not acceptable."), "length > 60 px");
  EXPECT_EQ(rules_in("Reject defects longer than 60 px."), "length > 60 px");
  EXPECT_EQ(rules_in("Maximum permissible defect size: 3 mm2."), "area > 3 mm2");
  EXPECT_EQ(rules_in("Scratches and dents longer than 60 px are rejected."),
            "length > 60 px (scratches, dents only)");
  EXPECT_EQ(rules_in("Reject scratches longer than 60 px and wider than 3 px."),
            "length > 60 px (scratches only)\nwidth > 3 px (scratches only)");
  EXPECT_EQ(rules_in("Scratches inside the rectangle 10, 20, 200, 180 are rejected."),
            "inside rectangle 10, 20, 200, 180 px (scratches only)");
  EXPECT_EQ(rules_in("Scratches inside the rectangle 10, 20, 200, 180 are allowed."),
            "outside rectangle 10, 20, 200, 180 px (scratches only)");
}

TEST(Judgement, WhatIsIgnoredIsLeftOut) {
  for (const char* text :
       {"Ignore scratches shorter than 5 px.", "Do not report scratches shorter than 5 px.",
        "Don't report scratches shorter than 5 px.", "Do not flag scratches shorter than 5 px.",
        "Do not consider scratches shorter than 5 px.",
        "Ignore scratches unless they are at least 5 px long.", "Disregard scratches shorter than 5 px.",
        "Scratches shorter than 5 px are ignored.", "Scratches shorter than 5 px are not reported.",
        "Scratches shorter than 5 px do not count.", "Scratches shorter than 5 px shall be ignored.",
        "Scratches shorter than 5 px must be disregarded.", "Report only scratches at least 5 px long.",
        "Scratches at least 5 px long are reported.", "Keep scratches at least 5 px long.",
        "Scratches must be at least 5 px long.", "Scratches must not be shorter than 5 px."}) {
    EXPECT_EQ(rules_in(text), "length >= 5 px (scratches only)") << text;
    EXPECT_EQ(parse_prompt_text(text).rules[0].criterion, 0) << text;
  }
  for (const char* text :
       {"Ignore the border of 10 px.", "Ignore a border of 10 px.", "Ignore the 10 px border.",
        "Ignore a 10 px wide border.", "Ignore the outer 10 px.", "Ignore 10 px at the edge."})
    EXPECT_EQ(rules_in(text), "distance to the object's edge >= 10 px") << text;
}

TEST(Judgement, ThePapersReadingStays) {
  EXPECT_EQ(rules_in("Anomalies are smaller than 50%."), "area < 50% of the object");
  EXPECT_EQ(rules_in("Scratches are shorter than 60 px."), "length < 60 px (scratches only)");
  EXPECT_EQ(rules_in("The anomaly would not exceed 0.9 object area."), "area <= 90% of the object");
  EXPECT_EQ(rules_in("Scratches must be at least 20 px long, but not wider than 3 px."),
            "length >= 20 px (scratches only)\nwidth <= 3 px (scratches only)");
}

TEST(Judgement, KindsAsAWhole) {
  for (const char* text : {"No scratches allowed.", "No scratches are allowed.", "Scratches are not allowed.",
                           "Scratches are not acceptable.", "Reject scratches.", "Scratches are rejected.",
                           "Scratches are defects.", "There must be no scratches.", "Scratches forbidden."}) {
    const HybridPrompt prompt = parse_prompt_text(text);
    EXPECT_THAT(prompt.phrases, ElementsAre("scratches")) << text;
    EXPECT_TRUE(prompt.rules.empty()) << text;
  }
  const HybridPrompt only = parse_prompt_text("Only scratches and dents count.");
  EXPECT_THAT(only.phrases, ElementsAre("scratches", "dents"));
  EXPECT_TRUE(only.only_named);
}

TEST(Judgement, WhatCouldBeEitherIsAsked) {
  for (const char* text :
       {"Anomalies must not be larger than 5%.", "Defects must be smaller than 5%.",
        "Reject anomalies larger than 50%.", "Regions larger than 50% are rejected.",
        "No scratch is longer than 60 px.", "No scratches longer than 60 px.",
        "There are no scratches longer than 60 px.", "Scratches cannot be longer than 60 px.",
        "Scratches will not be longer than 60 px.", "The maximum length of scratches is 60 px.",
        "Maximum scratch length: 60 px.", "Scratches must not touch the edge.",
        "Scratches are longer than 20 px and must not be longer than 60 px.",
        "Scratches must not be darker than their surroundings.", "No scratches.", "Without scratches."})
    EXPECT_THAT(error_of(text), HasSubstr("two ways")) << text;
  EXPECT_THAT(error_of("Scratches cannot be longer than 60 px."),
              AllOf(HasSubstr("\"Not allowed: scratches longer than 60 px\""),
                    HasSubstr("\"Ignore scratches longer than 60 px\"")));
}

TEST(Judgement, WhatMakesNoSenseIsRefused) {
  for (const char* text : {"Reject scratches shorter than 5 px.", "Scratches longer than 60 px are allowed.",
                           "Reject scratches with a confidence below 0.3.", "Scratches are allowed.",
                           "Ignore scratches.", "Allow scratches.", "Scratches may be longer than 60 px.",
                           "Reject the rectangle 10, 20, 200, 180.", "Scratches up to 60 px are allowed."})
    EXPECT_NE(error_of(text), "") << text;
}

// Rules with the number of their criterion: "1 length > 60 px (scratches only)".
std::string criteria_in(const std::string& text) {
  std::string all;
  const HybridPrompt prompt = parse_prompt_text(text);
  for (const Rule& rule : prompt.rules)
    all += (all.empty() ? "" : "; ") + std::to_string(rule.criterion) + " " + describe(rule);
  EXPECT_EQ(parse_prompt_toml(to_toml(prompt), "x.toml"), prompt) << to_toml(prompt);
  return all;
}

TEST(Judgement, OneOfSeveralCriteriaFails) {
  for (const char* text :
       {"Reject scratches longer than 60 px or wider than 3 px.",
        "Scratches longer than 60 px or wider than 3 px shall be rejected.",
        "Reject scratches longer than 60 px and/or wider than 3 px.",
        "Scratches shall not exceed 60 px in length or 3 px in width.",
        "Scratches shall not exceed 60 px in length and 3 px in width.",
        "Scratches exceeding 60 px in length or 3 px in width are not permitted.",
        "Scratches with a length above 60 px or a width above 3 px are not permitted.",
        "Scratches must not be longer than 60 px or wider than 3 px.",
        "Scratches must be at most 60 px long and at most 3 px wide.",
        "Scratches up to 60 px long and 3 px wide are allowed.",
        "Scratches up to 60 px long and up to 3 px wide are acceptable.",
        "Scratches are acceptable if they are at most 60 px long and at most 3 px wide.",
        "Scratches longer than 60 px are rejected. Scratches wider than 3 px are rejected.",
        "Scratches up to 60 px long are allowed. Scratches up to 3 px wide are allowed.",
        "Reject scratches that are either longer than 60 px or wider than 3 px.",
        "Scratches that are longer than 60 px or that are wider than 3 px are rejected.",
        "Reject scratches longer than 60 px and reject scratches wider than 3 px.",
        "The length of scratches must not exceed 60 px and the width must not exceed 3 px.",
        "The maximum permissible length of scratches is 60 px and the maximum permissible width is 3 px.",
        "Scratches must not be longer than 60 px, and scratches must not be wider than 3 px."})
    EXPECT_EQ(criteria_in(text), "1 length > 60 px (scratches only); 2 width > 3 px (scratches only)")
        << text;
  EXPECT_EQ(
      criteria_in("Reject scratches longer than 60 px, wider than 3 px or larger than 99 px."),
      "1 length > 60 px (scratches only); 2 width > 3 px (scratches only); 3 area > 99 px2 (scratches only)");
  EXPECT_EQ(
      criteria_in(
          "Reject scratches longer than 60 px and wider than 3 px. Reject scratches larger than 99 px."),
      "1 length > 60 px (scratches only); 1 width > 3 px (scratches only); 2 area > 99 px2 (scratches only)");
  EXPECT_EQ(criteria_in("Reject scratches longer than 60 px and dents wider than 5 px."),
            "1 length > 60 px (scratches only); 2 width > 5 px (dents only)");
  EXPECT_EQ(criteria_in("Ignore scratches shorter than 20 px or narrower than 2 px."),
            "0 length >= 20 px (scratches only); 0 width >= 2 px (scratches only)");
}

TEST(Judgement, CriteriaJoinedUnclearlyAreAsked) {
  for (const char* text : {"Scratches up to 60 px long or 3 px wide are allowed.",
                           "Scratches must be shorter than 60 px or narrower than 3 px."})
    EXPECT_THAT(error_of(text), HasSubstr("is one enough?")) << text;
  EXPECT_THAT(error_of("Reject scratches longer than 60 px and wider than 3 px or larger than 99 px."),
              HasSubstr("can be read in two ways"));
  EXPECT_THAT(error_of("Ignore scratches shorter than 20 px and narrower than 2 px."),
              HasSubstr("one limit"));
  EXPECT_THAT(error_of("Scratches (length > 60 px, width > 3 px) are rejected."), HasSubstr("with \"or\""));
  EXPECT_THAT(error_of("Stains with a contrast of more than 10% are rejected."),
              HasSubstr("property is not known"));
  EXPECT_THAT(error_of("Reject cracks, scratches longer than 60 px and dents wider than 5 px."),
              HasSubstr("does the bound hold for all"));
  for (const char* text : {"Scratches are longer than 60 px or wider than 3 px.",
                           "Report scratches longer than 60 px or wider than 3 px.",
                           "Look for scratches longer than 60 px or wider than 3 px."})
    EXPECT_THAT(error_of(text), HasSubstr("not with \"or\"")) << text;
}

TEST(Judgement, ACriterionThatMeansNothing) {
  for (const char* text :
       {"Scratches up to 20 px long are allowed. Hairline scratches longer than 60 px are rejected.",
        "Scratches longer than 60 px are rejected. Defects longer than 20 px are rejected.",
        "Scratches longer than 60 px are rejected. Scratches up to 20 px long are allowed."})
    EXPECT_THAT(error_of(text), HasSubstr("means nothing beside")) << text;
  EXPECT_EQ(criteria_in("Reject scratches longer than 60 px. Scratches up to 60 px long are allowed."),
            "1 length > 60 px (scratches only)");
  EXPECT_EQ(criteria_in(
                "Reject scratches longer than 60 px. Reject scratches longer than 60 px or wider than 3 px."),
            "1 length > 60 px (scratches only); 2 width > 3 px (scratches only)");
  for (const char* text : {"Reject scratches longer than 60 px. Reject dents wider than 3 px.",
                           "Reject scratches longer than 60 px. Ignore anomalies narrower than 3 px.",
                           "Reject defects longer than 60 px. Reject scratches longer than 20 px."})
    EXPECT_EQ(error_of(text), "") << text;
}

TEST(Judgement, CriteriaAreReplacedAsAWhole) {
  const HybridPrompt base = parse_prompt_text(
      "Reject scratches longer than 60 px and wider than 3 px. Reject scratches larger than 99 px.");
  const HybridPrompt merged = merge(base, parse_prompt_text("Reject scratches longer than 40 px."));
  ASSERT_EQ(merged.rules.size(), 2u);
  EXPECT_EQ(describe(merged.rules[0]), "area > 99 px2 (scratches only)");
  EXPECT_EQ(merged.rules[0].criterion, 1);
  EXPECT_EQ(describe(merged.rules[1]), "length > 40 px (scratches only)");
  EXPECT_EQ(merged.rules[1].criterion, 2);
}

TEST(Judgement, WordsOfInspectionStandards) {
  for (const char* text : {"Reject if a scratch is longer than 60 px.",
                           "Reject the part if a scratch is longer than 60 px.",
                           "Reject scratches if longer than 60 px.",
                           "If a scratch is longer than 60 px, the part is rejected.",
                           "If a scratch is longer than 60 px, reject the part.",
                           "A part is rejected if it has scratches longer than 60 px.",
                           "A part shall be rejected if any scratch exceeds 60 px in length.",
                           "Scratches are acceptable up to 60 px in length.",
                           "Scratches are only allowed up to a length of 60 px.",
                           "Scratches are acceptable if they are not longer than 60 px.",
                           "Scratches are acceptable provided that they do not exceed 60 px in length.",
                           "Scratches are acceptable unless they are longer than 60 px.",
                           "Scratches are limited to 60 px in length.",
                           "Scratches shall be limited to a maximum of 60 px in length.",
                           "The surface shall be free of scratches longer than 60 px.",
                           "Treat scratches longer than 60 px as defects.",
                           "Sort out parts with scratches longer than 60 px.",
                           "Scratches longer than 60 px must be sorted out.",
                           "Scratches longer than 60 px are nonconforming.",
                           "Scratches longer than 60 px: not OK!",
                           "Scratches: rejected if longer than 60 px.",
                           "If the scratch length exceeds 60 px, reject.",
                           "Reject if the length of a scratch is above 60 px.",
                           "1. Scratches longer than 60 px are rejected.",
                           "a) Reject scratches longer than 60 px.",
                           "4.2.1 Reject scratches longer than 60 px.",
                           "Scratches: allowed up to 60 px length.",
                           "Scratches (length > 60 px) are rejected.",
                           "Scratches of a length of more than 60 px lead to rejection.",
                           "Scratches of more than 60 px length are to be rejected.",
                           "Scratch length > 60 px: reject.",
                           "Defect: scratches longer than 60 px."}) {
    std::string rule;
    ASSERT_NO_THROW(rule = criteria_in(text)) << text;
    EXPECT_THAT(rule, testing::MatchesRegex("1 length > 60 px .scratch(es)? only.")) << text;
  }
  for (const char* text :
       {"Parts must not have scratches longer than 60 px.",
        "The part shall show no scratches longer than 60 px.",
        "Parts may have scratches up to 60 px in length.",
        "Scratches having a length above 60 px are rejected.", "Scratches longer than 60 px, are rejected.",
        "Scratches up to and including 60 px in length are allowed."})
    EXPECT_EQ(criteria_in(text), "1 length > 60 px (scratches only)") << text;
  EXPECT_EQ(criteria_in("Reject scratches longer than 60 px within 10 px of the edge."),
            "1 length > 60 px (scratches only); 1 distance to the object's edge <= 10 px (scratches only)");
  for (const char* text :
       {"Stains on more than 10% of the surface are rejected.", "Scratch length: max. 60 px.",
        "Scratch length <= 60 px.", "Scratches: max. 60 px long.", "Cracks constitute a fault.",
        "Scratches, see drawing.", "Burr-free.", "The scratch length is rejected.",
        "Scratch length > 60 px, width > 3 px: reject."})
    EXPECT_NE(error_of(text), "") << text;
  for (const char* text :
       {"Scratches 60 px or longer are rejected.", "Scratches from 60 px length are rejected.",
        "Scratches of 60 px or more in length are rejected.",
        "Scratches longer than or equal to 60 px are rejected.",
        "Scratches equal to or longer than 60 px are rejected."})
    EXPECT_EQ(criteria_in(text), "1 length >= 60 px (scratches only)") << text;
  for (const char* text :
       {"Cracks: not permitted.", "Cracks: none.", "1) Cracks\n", "Reject in case of cracks.",
        "Cracks constitute a defect.", "Cracks are strictly forbidden.", "No cracks allowed!",
        "The surface shall be free of cracks.", "Cracks must not occur.", "Cracks shall not be present.",
        "Cracks of any length are rejected.", "Cracks are rejected regardless of length.",
        "Surface free from cracks."})
    EXPECT_THAT(parse_prompt_text(text).phrases, ElementsAre("cracks")) << text;
  EXPECT_EQ(rules_in("The outer 10 px are not inspected."), "distance to the object's edge >= 10 px");
  EXPECT_EQ(rules_in("Stains covering more than 5% of the surface are rejected."),
            "area > 5% of the object (stains only)");
  EXPECT_EQ(rules_in("Pores up to \u00D80.5 mm are acceptable. A pixel is 0.1 mm."),
            "length > 0.5 mm (pores only)");
  EXPECT_THAT(error_of("The total area of stains must not exceed 5%."), HasSubstr("total"));
}

TEST(Judgement, KindsWithAndWithoutCriteria) {
  const HybridPrompt prompt = parse_prompt_text(
      "Cracks are not permitted. Scratches longer than 60 px are rejected. No more than two dents.");
  EXPECT_THAT(prompt.phrases, ElementsAre("cracks", "scratches", "dents"));
  validate(prompt);
}

TEST(Judgement, AMissingVerbIsProposed) {
  EXPECT_THAT(error_of("Scratches longer than 20 px."),
              AllOf(HasSubstr("\"Not allowed: Scratches longer than 20 px\""),
                    HasSubstr("\"Ignore Scratches longer than 20 px\"")));
}

TEST(Judgement, IsDescribed) {
  const std::string text = describe(
      parse_prompt_text("Scratches, dents. Reject scratches longer than 60 px. Dents are smaller than 5%. "
                        "Ignore dents with a confidence below 0.3."));
  EXPECT_THAT(text, HasSubstr("scratches: a length of 60 px or less is tolerated, not reported\n"));
  EXPECT_THAT(text,
              HasSubstr("dents: an area of 5% of the object or more is discarded, not reported: a gross "
                        "defect passes\n"));
  EXPECT_THAT(text, HasSubstr("dents: a confidence below 0.3 is discarded, not reported\n"));
}

TEST(Judgement, AlternativesAreDescribed) {
  EXPECT_THAT(describe(parse_prompt_text("Reject scratches longer than 60 px or wider than 3 px.")),
              AllOf(HasSubstr("length of 60 px or less is tolerated, not reported, unless it meets rule 2\n"),
                    HasSubstr("width of 3 px or less is tolerated, not reported, unless it meets rule 1\n")));
}

TEST(Judgement, FindWithABound) {
  const HybridPrompt prompt = parse_prompt_text("Find scratches longer than 20 px.");
  EXPECT_THAT(prompt.phrases, ElementsAre("scratches"));
  EXPECT_EQ(test::rules_of(prompt), "length > 20 px (scratches only)");
}

}  // namespace
}  // namespace anomalyvlm
