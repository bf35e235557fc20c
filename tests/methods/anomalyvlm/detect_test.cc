// detect() from end to end, with fake models that give the answers a test sets.
#include <gmock/gmock.h>

#include <cmath>

#include "anomalyvlm/error.h"
#include "errors.h"
#include "methods/anomalyvlm/detect_cases.h"
#include "methods/anomalyvlm/pipeline.h"
#include "roles/fake_models.h"

namespace anomalyvlm {
namespace {

using test::area_below;
using test::box_mask;
using test::candidate;
using test::cracks;
using test::FakeAnswers;
using test::FakeModels;
using test::grey_image;
using test::ids;
using test::kHeight;
using test::kWidth;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// A small one, one beside it that overlaps it, and one over half of the image.
FakeAnswers three_cracks() {
  FakeAnswers answers;
  answers.boxes["crack"] = {
      {{2, 2, 6, 4}, 0.5, "crack"}, {{0, 0, 10, 10}, 0.9, "crack"}, {{4, 2, 8, 4}, 0.4, "small crack"}};
  answers.saliency = [](int x, int) { return x < 6 ? 0.25F : 1.0F; };
  return answers;
}

TEST(Detect, FollowsTheEquations) {
  const FakeModels models(three_cracks());
  const Detection found = detect(models, grey_image(), cracks({area_below(0.3)}, 5), profile_named("paper"));
  EXPECT_EQ(found.width, kWidth);
  EXPECT_EQ(found.height, kHeight);
  EXPECT_EQ(found.kept, 2u);
  const double first = 0.5 * std::exp(0.25), third = 0.4 * std::exp(0.25 / 2 + 1.0 / 2);
  EXPECT_THAT(ids(found), ElementsAre(2, 0, 1)) << "kept ones by refined score, then the rejected one";
  EXPECT_NEAR(candidate(found, 0).refined_score, first, 1e-6);
  EXPECT_NEAR(candidate(found, 2).saliency, 0.625, 1e-6);
  EXPECT_NEAR(candidate(found, 2).refined_score, third, 1e-6);
  EXPECT_NEAR(found.anomaly.at(2, 2), first, 1e-6);
  EXPECT_NEAR(found.anomaly.at(7, 3), third, 1e-6);
  EXPECT_NEAR(found.anomaly.at(5, 3), (first + third) / 2, 1e-6) << "covered by both";
  EXPECT_EQ(found.anomaly.at(1, 1), 0) << "a rejected region leaves no trace";
  EXPECT_NEAR(found.image_score, third, 1e-6);
  EXPECT_EQ(candidate(found, 2).phrase, "small crack");
  EXPECT_EQ(candidate(found, 2).confidence, 0.4);
  EXPECT_EQ(found.profile, "paper");
  EXPECT_THAT(found.models, ElementsAre("fake 1", "fake 2"));
}

TEST(Detect, StagesAreTimedInTheirOrder) {
  const Detection found = detect(FakeModels(three_cracks()), grey_image(), cracks(), profile_named("paper"));
  std::vector<std::string> names;
  for (const auto& [name, seconds] : found.timings) {
    names.push_back(name);
    EXPECT_GE(seconds, 0) << name;
  }
  EXPECT_THAT(names, ElementsAre("open", "object", "propose", "refine", "saliency", "filter", "rescore",
                                 "select", "fuse"));
}

TEST(Detect, RejectedCandidatesKeepRuleAndValue) {
  const FakeModels models(three_cracks());
  Rule confident;
  confident.quantity = Quantity::kConfidence;
  confident.comparison = Comparison::kAtLeast;
  confident.value = 0.45;
  const Detection found =
      detect(models, grey_image(), cracks({confident, area_below(0.3)}), profile_named("paper"));
  const Candidate &large = candidate(found, 1), &unsure = candidate(found, 2);
  ASSERT_TRUE(large.rejected_by && unsure.rejected_by);
  EXPECT_EQ(large.rejected_by->by, Rejection::By::kRule);
  EXPECT_EQ(large.rejected_by->rule, 1);
  EXPECT_DOUBLE_EQ(large.rejected_by->value, 0.5) << "half of the image";
  EXPECT_THAT(large.rejected_by->text, HasSubstr("50.00%"));
  EXPECT_EQ(unsure.rejected_by->rule, 0);
  EXPECT_DOUBLE_EQ(unsure.rejected_by->value, 0.4);
  EXPECT_GT(large.refined_score, 0) << "is computed for rejected ones too";
  EXPECT_FALSE(candidate(found, 0).rejected_by);
}

TEST(Detect, KeepsTheKBest) {
  const FakeModels models(three_cracks());
  const Detection best = detect(models, grey_image(), cracks({}, 1), profile_named("paper"));
  EXPECT_EQ(best.kept, 1u);
  EXPECT_EQ(best.candidates.front().id, 1);
  for (const int id : {0, 2}) {
    const Candidate& other = candidate(best, id);
    ASSERT_TRUE(other.rejected_by);
    EXPECT_EQ(other.rejected_by->by, Rejection::By::kMaxRegions);
    EXPECT_DOUBLE_EQ(other.rejected_by->value, other.refined_score);
  }
  EXPECT_EQ(detect(models, grey_image(), cracks({}, 0), profile_named("paper")).kept, 3u) << "0 is no limit";
  EXPECT_EQ(detect(models, grey_image(), cracks({}, 7), profile_named("paper")).kept, 3u);
}

TEST(Detect, KeepsTheBestOfAKind) {
  FakeAnswers answers = three_cracks();
  answers.boxes["crack"][1].phrase = "hole";
  answers.boxes["crack"].push_back({{12, 2, 14, 4}, 0.9, "hairline crack"});
  const FakeModels models(std::move(answers));
  HybridPrompt prompt = cracks();
  prompt.kind_limits = {{{"cracks"}, 1}};
  const Detection found = detect(models, grey_image(), prompt, profile_named("paper"));
  EXPECT_THAT(ids(found), ElementsAre(3, 1, 2, 0));
  EXPECT_EQ(found.kept, 2u);
  const Rejection rejection = *candidate(found, 0).rejected_by;
  EXPECT_EQ(rejection.by, Rejection::By::kKindLimit);
  EXPECT_EQ(rejection.rule, 0);
  EXPECT_THAT(rejection.text, HasSubstr("the 1 best of cracks are kept"));
  prompt.kind_limits.clear();
  EXPECT_EQ(detect(models, grey_image(), prompt, profile_named("paper")).kept, 4u);
}

TEST(Detect, ABoxIsThatOfTheMask) {
  FakeAnswers answers;
  answers.boxes["crack"] = {{{2, 2, 14, 8}, 0.5, "crack"}, {{0, 0, 3, 3}, 0.4, "crack"}};
  answers.mask = [](const Proposal& c) {
    const PixelRect rect{static_cast<int>(c.box.x0), static_cast<int>(c.box.y0), static_cast<int>(c.box.x1),
                         static_cast<int>(c.box.y1)};
    std::vector<float> values(static_cast<std::size_t>(rect.width() * rect.height()), 0.3F);
    if (c.score > 0.45) values[values.size() / 2] = 0.7F;
    return Region::soft(rect, std::move(values));
  };
  PipelineConfig config = profile_named("nano");
  const Detection found = detect(FakeModels(answers), grey_image(), cracks(), config);
  const Candidate &one = candidate(found, 0), &none = candidate(found, 1);
  EXPECT_EQ(one.box.area(), 1) << "of the one pixel above 0.5";
  EXPECT_EQ(one.box.y0, 5);
  EXPECT_EQ(one.proposal_box.x1, 14);
  EXPECT_EQ(none.box.x1, 3) << "the proposal's where no pixel is above 0.5";
  // The released code's area rule is about the proposal.
  config.area_rule = AreaRule::kBoxOfLargestBox;
  const Detection judged = detect(FakeModels(answers), grey_image(), cracks({area_below(0.3)}), config);
  ASSERT_TRUE(candidate(judged, 0).rejected_by);
  EXPECT_NEAR(candidate(judged, 0).rejected_by->value, 12 * 6 / 200.0, 1e-6);
}

TEST(Detect, ASaliencyThatIsNotANumberIsDamage) {
  FakeAnswers answers = three_cracks();
  answers.saliency = [](int x, int) { return x == 3 ? NAN : 0.5F; };
  EXPECT_THAT(
      test::error_of(ErrorKind::kBadModel,
                     [&] { detect(FakeModels(answers), grey_image(), cracks(), profile_named("paper")); }),
      HasSubstr("not a number"));
}

TEST(Detect, OfEqualScoresTheLaterIsKept) {
  FakeAnswers answers;
  answers.boxes["crack"] = {
      {{0, 0, 2, 2}, 0.5, "crack"}, {{4, 0, 6, 2}, 0.5, "crack"}, {{8, 0, 10, 2}, 0.5, "crack"}};
  const Detection found = detect(FakeModels(answers), grey_image(), cracks({}, 2), profile_named("paper"));
  EXPECT_EQ(found.kept, 2u);
  EXPECT_THAT(ids(found), ElementsAre(2, 1, 0));
}

TEST(Detect, WaysToFuse) {
  FakeAnswers answers = three_cracks();
  answers.saliency = nullptr;
  answers.mask = [](const Proposal& c) {
    return box_mask(static_cast<int>(c.box.x0), static_cast<int>(c.box.y0), static_cast<int>(c.box.x1),
                    static_cast<int>(c.box.y1), c.score > 0.45 ? 1.0F : 0.6F);
  };
  const FakeModels models(answers);
  PipelineConfig config = profile_named("paper");
  const auto value = [&](int x) {
    return detect(models, grey_image(), cracks({area_below(0.3)}), config).anomaly.at(x, 3);
  };
  EXPECT_NEAR(value(5), 0.45, 1e-6);
  EXPECT_NEAR(value(7), 0.4, 1e-6) << "a mask above one half counts as whole";
  config.fusion = Fusion::kReleasedCode;
  EXPECT_NEAR(value(5), 0.9 / 3, 1e-6);
  EXPECT_NEAR(value(7), 0.4 / 2, 1e-6);
  config.fusion = Fusion::kSoftMaximum;
  config.soft_masks = true;
  EXPECT_NEAR(value(5), 0.5, 1e-6);
  EXPECT_NEAR(value(7), 0.6 * 0.4, 1e-6);
  EXPECT_EQ(value(15), 0);
}

TEST(Detect, NothingFoundIsNoError) {
  for (const char* profile : {"paper", "saa-plus", "nano"}) {
    const Detection found =
        detect(FakeModels({}), grey_image(), cracks({area_below(0.5)}, 5), profile_named(profile));
    EXPECT_TRUE(found.candidates.empty());
    EXPECT_EQ(found.image_score, 0);
    EXPECT_THAT(found.anomaly.values, testing::Each(0.0F));
    EXPECT_EQ(found.anomaly.values.size(), static_cast<std::size_t>(kWidth * kHeight));
  }
}

TEST(Detect, AnEmptyMaskIsNoRegion) {
  FakeAnswers answers = three_cracks();
  answers.mask = [](const Proposal& c) {
    if (c.score == 0.5) return Region{};
    return c.score == 0.4 ? box_mask(4, 2, 8, 4, 0.4F) : box_mask(0, 0, 10, 10);
  };
  const Detection found = detect(FakeModels(answers), grey_image(), cracks(), profile_named("paper"));
  EXPECT_EQ(found.kept, 1u);
  for (const int id : {0, 2}) {
    ASSERT_TRUE(candidate(found, id).rejected_by);
    EXPECT_EQ(candidate(found, id).rejected_by->by, Rejection::By::kEmptyMask) << id;
  }
  const Detection released =
      detect(FakeModels(answers), grey_image(), cracks({area_below(0.3)}, 1), profile_named("saa-plus"));
  EXPECT_EQ(released.kept, 1u) << "the released code lets it take a place";
  EXPECT_EQ(released.candidates.front().id, 0);
  EXPECT_DOUBLE_EQ(released.candidates.front().refined_score, 0.5);
  EXPECT_EQ(released.image_score, 0);
}

TEST(Detect, ManyMasksStayWithinTheMemoryForThem) {
  FakeAnswers answers;
  for (int i = 0; i < 300; ++i)  // in no order; each region takes 4 rows of 8 bytes
    answers.boxes["crack"].push_back({{2, 2, 7, 6}, 0.2 + 0.001 * (i * 7 % 300), "crack"});
  const FakeModels models(answers);
  PipelineConfig config = profile_named("paper");
  const Detection all = detect(models, grey_image(), cracks(), config);
  EXPECT_EQ(all.kept, 300U);
  EXPECT_THAT(all.notes, Not(Contains(HasSubstr("most confident"))));
  config.region_memory = 100 * 32;  // more than one round of 64, less than two
  const Detection some = detect(models, grey_image(), cracks(), config);
  EXPECT_EQ(some.kept, 128U);
  for (std::size_t i = 0; i < some.kept; ++i) EXPECT_GE(some.candidates[i].confidence, 0.2 + 0.001 * 172);
  EXPECT_THAT(some.notes, Contains(HasSubstr("Of 300 proposals only the 128 most confident were looked at")));
  for (std::size_t i = 0; i < some.kept; ++i) EXPECT_EQ(some.candidates[i].mask.area(), 20);
}

TEST(Detect, SquashedModelsAnswerInPixelsOfTheImage) {
  FakeAnswers answers;
  answers.boxes["crack"] = {{{2, 1, 4, 4}, 0.5, "crack"}};
  answers.boxes["plate"] = {{{1, 1, 5, 5}, 0.8, "plate"}};
  answers.saliency = [](int, int) { return 0.5F; };
  answers.notes = {"a word"};
  const FakeModels models(answers);
  PipelineConfig config = profile_named("paper");
  config.resize = 5;
  HybridPrompt prompt = cracks();
  prompt.object = "plate";
  const Detection found = detect(models, grey_image(), prompt, config);
  EXPECT_EQ(models.asked().width, 5);
  EXPECT_EQ(models.asked().height, 5);
  EXPECT_EQ(found.resize, 5);
  ASSERT_EQ(found.kept, 1u);
  const Candidate& only = found.candidates.front();
  EXPECT_EQ(only.box.x0, 8);
  EXPECT_EQ(only.box.x1, 16);
  EXPECT_EQ(only.box.y0, 2);
  EXPECT_EQ(only.box.y1, 8);
  EXPECT_EQ(only.mask.rect(), (PixelRect{8, 2, 16, 8}));
  EXPECT_EQ(found.anomaly.width, kWidth);
  EXPECT_EQ(found.anomaly.height, kHeight);
  EXPECT_EQ(found.saliency.width, kWidth);
  EXPECT_NEAR(found.anomaly.at(12, 5), 0.5 * std::exp(0.5), 1e-6);
  EXPECT_EQ(found.anomaly.at(7, 5), 0);
  ASSERT_EQ(found.objects.size(), 1u);
  EXPECT_EQ(found.objects[0].box.x0, 4);
  EXPECT_EQ(found.objects[0].box.y1, 10);
  EXPECT_EQ(found.objects[0].mask.rect().x0, 4);
  EXPECT_THAT(found.notes, Contains("a word"));
}

TEST(Detect, WithoutItsObjectTheWholeImageIsInspected) {
  HybridPrompt prompt = cracks({area_below(0.3)});
  prompt.object = "gasket";
  const Detection found = detect(FakeModels(three_cracks()), grey_image(), prompt, profile_named("paper"));
  ASSERT_EQ(found.objects.size(), 1u);
  EXPECT_EQ(found.objects[0].box.area(), kWidth * kHeight);
  EXPECT_EQ(found.kept, 2u);
  EXPECT_THAT(found.notes, Contains(HasSubstr("gasket")));
}

TEST(Detect, RulesReferToTheObjectARegionLiesOn) {
  FakeAnswers answers = three_cracks();
  answers.boxes["gasket"] = {{{0, 0, 10, 10}, 0.9, "gasket"}, {{12, 0, 16, 4}, 0.7, "gasket"}};
  answers.boxes["crack"].push_back({{13, 1, 15, 3}, 0.6, "crack"});
  HybridPrompt prompt = cracks({area_below(0.1)});
  prompt.object = "gasket";
  prompt.object_count = 2;
  const FakeModels models(answers);
  const Detection found = detect(models, grey_image(), prompt, profile_named("paper"));
  ASSERT_EQ(found.objects.size(), 2u);
  EXPECT_EQ(candidate(found, 0).object, 0);
  EXPECT_FALSE(candidate(found, 0).rejected_by) << "8 of 100 pixels";
  EXPECT_EQ(candidate(found, 3).object, 1);
  ASSERT_TRUE(candidate(found, 3).rejected_by);
  EXPECT_DOUBLE_EQ(candidate(found, 3).rejected_by->value, 4.0 / 16);
  EXPECT_EQ(models.asked().compared.size(), 2u);
}

// ---- the released code's ways

TEST(DetectSaaPlus, AsksForTheEnsembleAndDropsTheObjectItself) {
  FakeAnswers answers;
  answers.boxes["defect on nut"] = {{{0, 0, 2, 2}, 0.3, "defect nut"}, {{4, 0, 6, 2}, 0.4, "defect"}};
  answers.boxes["crack"] = {{{8, 0, 10, 2}, 0.5, "crack"}};
  HybridPrompt prompt = cracks();
  prompt.object = "nut";
  const FakeModels models(answers);
  const Detection found = detect(models, grey_image(), prompt, profile_named("saa-plus"));
  EXPECT_THAT(models.asked().captions,
              ElementsAre("nut", "defect on nut", "damage on nut", "flaw on nut", "crack"));
  EXPECT_EQ(models.asked().options.colors, ColorOrder::kBgr);
  EXPECT_EQ(found.kept, 2u);
  ASSERT_TRUE(candidate(found, 0).rejected_by);
  EXPECT_EQ(candidate(found, 0).rejected_by->by, Rejection::By::kObjectName);
}

TEST(DetectSaaPlus, BoxesAreComparedWithTheLargestObjectBox) {
  FakeAnswers answers;
  answers.boxes["nut"] = {{{0, 0, 4, 4}, 0.9, "nut"}, {{10, 0, 14, 2}, 0.8, "nut"}};
  answers.boxes["crack"] = {{{0, 0, 4, 2}, 0.5, "crack"}, {{10, 0, 14, 1}, 0.5, "crack"}};
  answers.mask = [](const Proposal& c) {
    return box_mask(static_cast<int>(c.box.x0), 0, static_cast<int>(c.box.x0) + 1, 1);
  };
  answers.saliency = [](int, int) { return 0.5F; };
  HybridPrompt prompt = cracks({area_below(0.5)});
  prompt.object = "nut";
  const FakeModels models(answers);
  const Detection found = detect(models, grey_image(), prompt, profile_named("saa-plus"));
  ASSERT_TRUE(candidate(found, 0).rejected_by) << "8 of 16, though its mask is a single pixel";
  EXPECT_DOUBLE_EQ(candidate(found, 0).rejected_by->value, 0.5);
  EXPECT_FALSE(candidate(found, 1).rejected_by) << "4 of 16";
  EXPECT_NEAR(candidate(found, 1).refined_score, 0.5 * std::exp(3 * 0.5), 1e-6);
  EXPECT_NEAR(found.anomaly.at(10, 0), 0.5 * std::exp(3 * 0.5) / 2, 1e-6);
  ASSERT_EQ(models.asked().compared.size(), 1u) << "two boxes, but one object was asked for";
  EXPECT_EQ(models.asked().compared[0].box.area(), kWidth * kHeight);
}

TEST(DetectSaaPlus, GivenQueriesReplaceTheEnsemble) {
  FakeAnswers answers;
  answers.boxes["bubble. melt."] = {{{0, 0, 2, 2}, 0.3, "bubble"}};
  const FakeModels models(answers);
  PipelineConfig config = profile_named("saa-plus");
  config.queries = {{{"bubble. melt."}, "capsules"}, {{"dirt"}, ""}};
  EXPECT_EQ(detect(models, grey_image(), cracks(), config).kept, 1u);
  EXPECT_THAT(models.asked().captions, ElementsAre("bubble. melt.", "dirt"));
}

}  // namespace
}  // namespace anomalyvlm
