// Sentences that describe what counts, sentences that judge what fails a part, and those that could do
// either.
#include <gmock/gmock.h>

#include "prompts/prompt_helpers.h"

namespace anomalyvlm {
namespace {

using test::bad_prompt;
using test::rules_in;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string error_of(const std::string& text) {
  return bad_prompt([&] { parse_prompt_text(text); });
}

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
    EXPECT_TRUE(prompt.rules[0].criterion) << text;
    ASSERT_EQ(prompt.rules[0].phrases.size(), 1u) << text;
    EXPECT_THAT(prompt.rules[0].phrases[0], testing::StartsWith("scratch")) << text;
  }
}

TEST(Judgement, CriteriaNameWhatIsLookedFor) {
  const HybridPrompt prompt = parse_prompt_text("Reject scratches longer than 60 px and wider than 3 px.");
  EXPECT_THAT(sought_phrases(prompt), ElementsAre("scratches"));
  EXPECT_THAT(sought_phrases(parse_prompt_text("Reject defects longer than 60 px.")), ElementsAre("defect"));
  const HybridPrompt again = parse_prompt_toml(to_toml(prompt), "x.toml");
  EXPECT_EQ(again, prompt) << to_toml(prompt);
  EXPECT_TRUE(again.rules[0].criterion);
  validate(merge(prompt, again));
  EXPECT_NE(bad_prompt([] { parse_prompt_toml("[[rule]]\nlength = '> 5 px'\ncriterion = 1\n", "x.toml"); }),
            "");
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
        "Do not consider scratches shorter than 5 px.", "Disregard scratches shorter than 5 px.",
        "Scratches shorter than 5 px are ignored.", "Scratches shorter than 5 px are not reported.",
        "Scratches shorter than 5 px do not count.", "Scratches shorter than 5 px shall be ignored.",
        "Scratches shorter than 5 px must be disregarded.", "Report only scratches at least 5 px long.",
        "Scratches at least 5 px long are reported.", "Keep scratches at least 5 px long.",
        "Scratches must be at least 5 px long.", "Scratches must not be shorter than 5 px."}) {
    EXPECT_EQ(rules_in(text), "length >= 5 px (scratches only)") << text;
    EXPECT_FALSE(parse_prompt_text(text).rules[0].criterion) << text;
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
                           "Scratches must be shorter than 60 px and narrower than 3 px.",
                           "Reject the rectangle 10, 20, 200, 180.",
                           "Reject if a scratch is longer than 60 px.", "Scratches up to 60 px are allowed."})
    EXPECT_NE(error_of(text), "") << text;
}

TEST(Judgement, TwoCriteriaForAKind) {
  EXPECT_THAT(error_of("Reject scratches longer than 60 px. Reject scratches wider than 3 px."),
              AllOf(HasSubstr("longer than 60 px"), HasSubstr("wider than 3 px"), HasSubstr("same kind")));
  EXPECT_NE(
      error_of("Scratches up to 20 px long are allowed. Hairline scratches longer than 60 px are rejected."),
      "");
  EXPECT_EQ(error_of("Reject scratches longer than 60 px. Scratches up to 60 px long are allowed."), "");
  EXPECT_EQ(error_of("Reject scratches longer than 60 px. Reject dents wider than 3 px."), "");
  EXPECT_EQ(error_of("Reject scratches longer than 60 px. Ignore anomalies narrower than 3 px."), "");
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

TEST(Judgement, FindWithABound) {
  const HybridPrompt prompt = parse_prompt_text("Find scratches longer than 20 px.");
  EXPECT_THAT(prompt.phrases, ElementsAre("scratches"));
  EXPECT_EQ(test::rules_of(prompt), "length > 20 px (scratches only)");
}

}  // namespace
}  // namespace anomalyvlm
