// Judging a map that a method made of every pixel.
#include "methods/dense.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace anomalyvlm {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kMapWidth = 40, kMapHeight = 30;

const Image kImage{kMapWidth, kMapHeight, std::vector<std::uint8_t>(kMapWidth* kMapHeight * 3, 90)};

// 2 everywhere but in an unknown border of two pixels; a small peak of 6 and a large one of 4.
Evidence evidence() {
  DenseEvidence dense{{kMapWidth, kMapHeight, std::vector<float>(kMapWidth * kMapHeight, 0.0F)}, 6};
  for (int y = 2; y < kMapHeight - 2; ++y)
    for (int x = 2; x < kMapWidth - 2; ++x) dense.map.at(x, y) = 2;
  dense.map.at(10, 10) = 6;
  for (int y = 15; y < 25; ++y)
    for (int x = 20; x < 32; ++x) dense.map.at(x, y) = 4;
  Evidence evidence;
  evidence.width = kMapWidth;
  evidence.height = kMapHeight;
  evidence.objects = {InspectedObject::whole_image(kMapWidth, kMapHeight)};
  evidence.found = std::move(dense);
  return evidence;
}

Detection judged(const HybridPrompt& prompt, const JudgeSettings& settings = {}) {
  return DenseJudge().judge(kImage, evidence(), prompt, settings);
}

HybridPrompt defect() {
  HybridPrompt prompt;
  prompt.phrases = {"defect"};
  return prompt;
}

TEST(DenseJudge, KeepsTheMapAndListsItsPeaks) {
  const Detection found = judged(defect());
  EXPECT_EQ(found.anomaly.values, std::get<DenseEvidence>(evidence().found).map.values);
  EXPECT_EQ(found.image_score, 6);
  ASSERT_EQ(found.kept, 2U);
  EXPECT_EQ(found.candidates[0].refined_score, 6);
  EXPECT_EQ(found.candidates[0].mask.area(), 1);
  EXPECT_EQ(found.candidates[1].mask.area(), 120);
  EXPECT_EQ(found.candidates[1].box.x0, 20);
  EXPECT_THAT(found.notes, IsEmpty());
}

TEST(DenseJudge, RulesTakeRegionsOutOfTheMap) {
  const Detection found = judged(parse_prompt_text("Defect. Anomalies are larger than 4 px."));
  EXPECT_EQ(found.kept, 1U);
  EXPECT_EQ(found.anomaly.at(10, 10), 2) << "lowered to the median";
  EXPECT_EQ(found.anomaly.at(25, 20), 4);
  EXPECT_EQ(found.image_score, 4);
}

TEST(DenseJudge, ANumberOfRegionsLeavesTheMap) {
  const Detection found = judged(parse_prompt_text("Defect. At most one abnormal region."));
  EXPECT_EQ(found.kept, 1U);
  EXPECT_EQ(found.anomaly.at(25, 20), 4);
  EXPECT_EQ(found.image_score, 6);
}

TEST(DenseJudge, IgnoredAreasAndLimitsHold) {
  Mask ignored{kMapWidth, kMapHeight, std::vector<std::uint8_t>(kMapWidth * kMapHeight)};
  ignored.at(10, 10) = 1;
  HybridPrompt prompt = defect();
  prompt.limit = 5;
  EXPECT_EQ(judged(prompt).verdict, Verdict::kNotOk);
  const Detection found = judged(prompt, {.ignored = ignored});
  EXPECT_EQ(found.verdict, Verdict::kOk);
  EXPECT_EQ(found.anomaly.at(10, 10), 0);
}

TEST(DenseJudge, SaysThatWordsHaveNoEffect) {
  EXPECT_THAT(judged(parse_prompt_text("Scratch. Cracks are longer than 30 px.")).notes,
              Contains(HasSubstr("takes no words")));
  EXPECT_EQ(judged(parse_prompt_text("Scratch. Cracks are longer than 30 px.")).kept, 2U);
}

TEST(DenseJudge, AScoreOfItsOwnKeepsItsUnit) {
  Evidence own = evidence();
  std::get<DenseEvidence>(own.found).score = 60;  // the map's maximum is 6
  const auto score = [&](const char* prompt, const JudgeSettings& settings = {}) {
    return DenseJudge().judge(kImage, own, parse_prompt_text(prompt), settings).image_score;
  };
  EXPECT_EQ(score("Defect."), 60);
  EXPECT_EQ(score("Defect. Anomalies are larger than 4 px."), 40) << "the highest peak, of 6, is removed";
  JudgeSettings corner;
  corner.ignored = {kMapWidth, kMapHeight, std::vector<std::uint8_t>(kMapWidth * kMapHeight)};
  corner.ignored.values[0] = 255;
  EXPECT_EQ(score("Defect.", corner), 60) << "nothing was found there";
}

TEST(DenseJudge, AFlatMapHasNoRegions) {
  Evidence flat = evidence();
  std::get<DenseEvidence>(flat.found) = {
      {kMapWidth, kMapHeight, std::vector<float>(kMapWidth * kMapHeight, 3.0F)}, 3};
  const Detection found = DenseJudge().judge(kImage, flat, defect(), {});
  EXPECT_THAT(found.candidates, IsEmpty());
  EXPECT_EQ(found.image_score, 3);
}

}  // namespace
}  // namespace anomalyvlm
