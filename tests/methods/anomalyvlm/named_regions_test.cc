// What named kinds of defects do to candidates: rank and label them, and rules for a kind.
#include <gmock/gmock.h>

#include "methods/anomalyvlm/detect_cases.h"
#include "methods/anomalyvlm/pipeline.h"
#include "roles/fake_models.h"

namespace anomalyvlm {
namespace {

using test::area_below;
using test::candidate;
using test::cracks;
using test::FakeAnswers;
using test::FakeModels;
using test::grey_image;
using test::ids;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// One that is surely of the named kind, a stronger one that hardly is, and a weak one that is not.
FakeAnswers of_several_kinds() {
  FakeAnswers answers;
  answers.boxes["crack"] = {{.box = {0, 0, 2, 2}, .score = 0.5, .phrase = "crack", .named = 0.9},
                            {.box = {4, 0, 6, 2}, .score = 0.9, .phrase = kNotNamedPhrase, .named = 0.1},
                            {.box = {8, 0, 10, 2}, .score = 0.2, .phrase = kNotNamedPhrase, .named = 0},
                            {.box = {12, 0, 14, 2}, .score = 0.1, .phrase = "crack", .named = 1}};
  return answers;
}

TEST(Detect, NamedKindsRankFirstAndOthersStay) {
  const FakeModels models(of_several_kinds());
  const Detection found = detect(models, grey_image(), cracks(), profile_named("paper"));
  EXPECT_EQ(found.kept, 4u);
  EXPECT_THAT(ids(found), ElementsAre(0, 3, 1, 2));
  EXPECT_NEAR(found.image_score, 0.9, 1e-6) << "the map is of strength, whatever the kind";
  EXPECT_THAT(found.notes, Contains(HasSubstr("other kinds than those named count too; ")));
}

TEST(Detect, RulesForNamedKindsLeaveOthersAlone) {
  const FakeModels models(of_several_kinds());
  HybridPrompt prompt = cracks();
  Rule huge;
  huge.comparison = Comparison::kGreater;
  huge.value = 1e6;
  huge.unit = Unit::kPixels;
  huge.phrases = {"crack"};
  prompt.rules.push_back(huge);
  const Detection found = detect(models, grey_image(), prompt, profile_named("paper"));
  EXPECT_EQ(found.kept, 2u);
  EXPECT_THAT(found.notes, Contains(HasSubstr("count too, whatever is said of the named ones")));
}

TEST(Detect, NamesChooseWhereANumberLimitsButKeepTheStrongest) {
  FakeAnswers answers = of_several_kinds();
  answers.boxes["crack"].push_back(
      {.box = {0, 4, 2, 6}, .score = 0.6, .phrase = kNotNamedPhrase, .named = 0.1});
  const FakeModels models(answers);
  const Detection one = detect(models, grey_image(), cracks({}, 1), profile_named("paper"));
  EXPECT_EQ(one.candidates.front().id, 1);
  EXPECT_NEAR(one.image_score, 0.9, 1e-6) << "words do not decide whether the image is good";
  EXPECT_THAT(
      candidate(one, 0).rejected_by->text,
      HasSubstr("ranks as 0.463, for it is of a named kind by 90%; the limit: the 1 best are kept, the "
                "strongest region of all among them"));
  const Detection two = detect(models, grey_image(), cracks({}, 2), profile_named("paper"));
  EXPECT_THAT(std::vector<int>({two.candidates[0].id, two.candidates[1].id}), ElementsAre(0, 1));
  const Candidate& other = candidate(two, 4);
  ASSERT_TRUE(other.rejected_by);
  EXPECT_DOUBLE_EQ(other.rejected_by->value, other.rank());
  EXPECT_THAT(other.rejected_by->text, HasSubstr("refined score 0.6, which ranks as 0.195"));
}

// What does not even show in a mask may give way.
TEST(Detect, NamesChooseAmongWeakRegions) {
  FakeAnswers answers = of_several_kinds();
  answers.boxes["crack"][0].score = 0.3;
  answers.boxes["crack"][1].score = 0.45;
  const Detection found = detect(FakeModels(answers), grey_image(), cracks({}, 1), profile_named("paper"));
  EXPECT_EQ(found.candidates.front().id, 0);
}

TEST(Detect, StrongOthersRankBeforeWhatIsHardlyThere) {
  FakeAnswers answers = of_several_kinds();
  answers.boxes["crack"][0].score = 0.1;
  const Detection found = detect(FakeModels(answers), grey_image(), cracks({}, 1), profile_named("paper"));
  EXPECT_EQ(found.candidates.front().id, 1);
}

TEST(Detect, OnlyNamedKinds) {
  const FakeModels models(of_several_kinds());
  HybridPrompt prompt = cracks();
  prompt.only_named = true;
  const Detection found = detect(models, grey_image(), prompt, profile_named("paper"));
  EXPECT_EQ(found.kept, 2u);
  EXPECT_NEAR(found.image_score, 0.5 * 0.9, 1e-6) << "lowered by the doubt about its kind";
  ASSERT_TRUE(candidate(found, 1).rejected_by);
  EXPECT_EQ(candidate(found, 1).rejected_by->by, Rejection::By::kNotNamed);
  EXPECT_DOUBLE_EQ(candidate(found, 1).rejected_by->value, 0.1);
  EXPECT_THAT(found.notes, Not(Contains(HasSubstr("other kinds"))));
}

// Such a rule is about that kind, and no reason to pass over another one.
TEST(Detect, RulesForAKindAreNotForWhatIsNotNamed) {
  Rule small = area_below(0.001);
  small.phrases = {"crack"};
  const Detection found =
      detect(FakeModels(of_several_kinds()), grey_image(), cracks({small}), profile_named("paper"));
  EXPECT_THAT(ids(found), ElementsAre(1, 2, 0, 3));
  EXPECT_EQ(found.kept, 2u);
}

}  // namespace
}  // namespace anomalyvlm
