// What a limit of the score and an ignored area make of a detection.
#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "anomalyvlm/results.h"
#include "errors.h"
#include "methods/anomalyvlm/pipeline.h"
#include "roles/fake_models.h"

namespace anomalyvlm {
namespace {

using test::error_of;
using test::FakeModels;
using testing::HasSubstr;

constexpr int kWidth = 20, kHeight = 10;

// Regions of 4 x 2 pixels with the scores 0.8 and 0.4.
FakeModels two_cracks() {
  test::FakeAnswers answers;
  answers.boxes["crack"] = {{{2, 2, 6, 4}, 0.8, "crack"}, {{10, 4, 14, 6}, 0.4, "crack"}};
  return FakeModels(answers);
}

// A weave, so that there is something to inspect.
Image weave() {
  Image image{kWidth, kHeight, std::vector<std::uint8_t>(kWidth * kHeight * 3, 100)};
  for (int y = 0; y < kHeight; ++y)
    for (int x = y % 2; x < kWidth; x += 2) std::fill_n(image.row(y) + 3 * x, 3, std::uint8_t{140});
  return image;
}
const Image kImage = weave();

HybridPrompt cracks(std::optional<double> limit = {}) {
  HybridPrompt prompt;
  prompt.phrases = {"crack"};
  prompt.limit = limit;
  return prompt;
}

Mask columns(int from, int to) {
  Mask mask{kWidth, kHeight, std::vector<std::uint8_t>(kWidth * kHeight)};
  for (int y = 0; y < kHeight; ++y)
    for (int x = from; x < to; ++x) mask.at(x, y) = 1;
  return mask;
}

Detection found(const HybridPrompt& prompt, const Mask& ignored = {}) {
  return detect(two_cracks(), kImage, prompt, profile_named("paper"), {.ignored = ignored});
}

TEST(Verdict, IsOfTheImageScoreAndTheLimit) {
  const double score = found(cracks()).image_score;
  EXPECT_EQ(found(cracks()).verdict, Verdict::kNone);
  EXPECT_EQ(found(cracks(score)).verdict, Verdict::kNotOk) << "the limit itself is too much";
  EXPECT_EQ(found(cracks(score + 0.001)).verdict, Verdict::kOk);
  EXPECT_EQ(found(cracks(0.1)).kept, 2U);
}

TEST(Verdict, IsNeverOkWithoutContent) {
  const Image flat{kWidth, kHeight, std::vector<std::uint8_t>(kWidth * kHeight * 3, 100)};
  const Detection nothing = detect(two_cracks(), flat, cracks(50), profile_named("paper"));
  EXPECT_EQ(nothing.verdict, Verdict::kNotOk);
  EXPECT_EQ(nothing.no_content, "all of it is of one shade");
  EXPECT_EQ(nlohmann::json::parse(to_json(nothing, cracks(50), {})).at("no_content"), nothing.no_content);
  EXPECT_EQ(detect(two_cracks(), flat, cracks(), profile_named("paper")).verdict, Verdict::kNone);
  EXPECT_EQ(found(cracks(50)).no_content, "");
}

TEST(Verdict, IsInTheJson) {
  for (const auto& [prompt, verdict] :
       {std::pair{cracks(0.5), "\"not OK\""}, {cracks(0.9), "\"OK\""}, {cracks(), "null"}}) {
    const auto json = nlohmann::json::parse(to_json(found(prompt), prompt, {}));
    EXPECT_EQ(json.at("verdict").dump(), verdict);
    EXPECT_EQ(json.at("limit").is_null(), !prompt.limit);
    EXPECT_TRUE(json.at("ignored_area").is_null());
  }
}

TEST(IgnoredArea, RejectsWhatLiesMostlyInside) {
  const Detection less = found(cracks(), columns(0, 5));  // three quarters of the first region
  EXPECT_EQ(less.kept, 1U);
  EXPECT_NEAR(less.image_score, 0.4, 1e-6);
  ASSERT_TRUE(less.candidates[1].rejected_by);
  EXPECT_EQ(less.candidates[1].rejected_by->by, Rejection::By::kIgnored);
  EXPECT_DOUBLE_EQ(less.candidates[1].rejected_by->value, 0.75);
  const auto json = nlohmann::json::parse(to_json(less, cracks(), {}));
  EXPECT_EQ(json.at("ignored_area"), 50);
  EXPECT_EQ(json.at("candidates")[1].at("rejected_by").at("by"), "ignored_area");
}

TEST(IgnoredArea, HasAMapOfZero) {
  const Detection part = found(cracks(), columns(0, 3));  // a quarter of the first region
  EXPECT_EQ(part.kept, 2U);
  EXPECT_EQ(part.anomaly.at(2, 2), 0);
  EXPECT_NEAR(part.anomaly.at(3, 2), 0.8, 1e-6);
  EXPECT_EQ(found(cracks(0.1), columns(0, kWidth)).verdict, Verdict::kOk) << "nothing counts";
}

TEST(IgnoredArea, IsOfTheImagesSize) {
  const Mask other{3, 2, std::vector<std::uint8_t>(6)};
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { found(cracks(), other); }),
              HasSubstr("has 3 x 2 pixels, the image 20 x 10"));
}

}  // namespace
}  // namespace anomalyvlm
