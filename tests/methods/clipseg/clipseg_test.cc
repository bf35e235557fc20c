#include "methods/clipseg/method.h"

#include <gmock/gmock.h>

#include <cmath>

#include "errors.h"

namespace anomalyvlm::clipseg {
namespace {

using test::error_of;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kSide = 4;  // of the fake's grid

// "scratch" at the left, "hole" in the lower right corner, anything else faintly everywhere.
class FakeSegmenter : public PhraseSegmenter {
 public:
  Tensor probabilities(const Image&, const std::vector<std::string>& phrases) const override {
    ++images;
    std::vector<float> values;
    for (const std::string& phrase : phrases)
      for (int y = 0; y < kSide; ++y)
        for (int x = 0; x < kSide; ++x) {
          float value = 0.1F;
          if (phrase == "scratch" && x == 0) value = 0.75F;
          if (phrase == "hole" && x == 3 && y == 3) value = 0.9F;
          values.push_back(broken ? NAN : value);
        }
    return Tensor::from<float>({static_cast<std::int64_t>(phrases.size()), kSide, kSide}, std::move(values));
  }
  bool broken = false;
  mutable int images = 0;
};

const Image kImage{40, 40, std::vector<std::uint8_t>(40 * 40 * 3, 9)};

HybridPrompt of_phrases(std::vector<std::string> phrases) {
  HybridPrompt prompt;
  prompt.phrases = std::move(phrases);
  return prompt;
}

class ClipSegMethodTest : public testing::Test {
 protected:
  std::shared_ptr<FakeSegmenter> segmenter_ = std::make_shared<FakeSegmenter>();
  std::unique_ptr<Method> method_ = method(segmenter_, {LoadedModel{"fake"}}, {}, 0);
};

TEST_F(ClipSegMethodTest, TheHighestOfThePhrasesNamesARegion) {
  const Detection found = method_->detect(kImage, of_phrases({"scratch", "hole"}));
  EXPECT_FLOAT_EQ(found.anomaly.at(0, 20), 0.75F);
  EXPECT_FLOAT_EQ(found.anomaly.at(39, 39), 0.9F);
  EXPECT_FLOAT_EQ(found.anomaly.at(20, 5), 0.1F);
  EXPECT_FLOAT_EQ(static_cast<float>(found.image_score), 0.9F);
  ASSERT_EQ(found.kept, 2U);
  EXPECT_EQ(found.candidates[0].phrase, "hole");
  EXPECT_EQ(found.candidates[1].phrase, "scratch");
  EXPECT_THAT(found.notes, Not(Contains(HasSubstr("takes no words"))));
  EXPECT_EQ(found.profile, "clipseg");
}

TEST_F(ClipSegMethodTest, WithoutPhrasesItSeeksADefect) {
  EXPECT_EQ(method_->question_of({}), method_->question_of(of_phrases({"defect"})));
  EXPECT_FLOAT_EQ(static_cast<float>(method_->detect(kImage, {}).image_score), 0.1F);
}

TEST_F(ClipSegMethodTest, RulesForSingleKinds) {
  const Detection found =
      method_->detect(kImage, parse_prompt_text("Scratch. Hole. Scratches are smaller than 5 px."));
  ASSERT_EQ(found.kept, 1U);
  EXPECT_EQ(found.candidates[0].phrase, "hole");
  EXPECT_LT(found.anomaly.at(0, 20), 0.2F) << "lowered to the median";
}

TEST_F(ClipSegMethodTest, PromptsOfTheSamePhrasesShareAMap) {
  HybridPrompt rules = of_phrases({"hole"});
  rules.max_regions = 1;
  const HybridPrompt all[] = {of_phrases({"hole"}), rules, of_phrases({"scratch"})};
  EXPECT_EQ(method_->observe(kImage, all, {}).size(), 3U);
  EXPECT_EQ(segmenter_->images, 2);
}

TEST_F(ClipSegMethodTest, TilesAndSquashedImagesKeepTheNames) {
  const auto tiled = method(segmenter_, {LoadedModel{"fake"}}, {20, 4}, 0),
             squashed = method(segmenter_, {LoadedModel{"fake"}}, {}, 8);
  const Detection in_tiles = tiled->detect(kImage, of_phrases({"scratch", "hole"}));
  EXPECT_THAT(in_tiles.candidates, Contains(testing::Field(&Candidate::phrase, "hole")));
  EXPECT_THAT(in_tiles.candidates, Contains(testing::Field(&Candidate::phrase, "scratch")));
  const Detection small = squashed->detect(kImage, of_phrases({"scratch", "hole"}));
  ASSERT_EQ(small.kept, 2U);
  EXPECT_EQ(small.candidates[0].phrase, "hole");
}

TEST_F(ClipSegMethodTest, AnObjectMeansNothing) {
  HybridPrompt prompt = of_phrases({"hole"});
  prompt.object = "nut";
  EXPECT_THAT(method_->detect(kImage, prompt).notes, Contains(HasSubstr("does not look for objects")));
  EXPECT_THAT(method_->detect(kImage, of_phrases({"hole"})).notes,
              Not(Contains(HasSubstr("does not look for objects"))));
}

TEST_F(ClipSegMethodTest, DamagedWeightsAreAnError) {
  segmenter_->broken = true;
  EXPECT_THAT(error_of(ErrorKind::kBadModel, [&] { method_->detect(kImage, {}); }), HasSubstr("damaged"));
}

}  // namespace
}  // namespace anomalyvlm::clipseg
