// The choice of objects among the boxes found for their name.
#include "roles/proposed_objects.h"

#include <gtest/gtest.h>

#include "roles/fake_models.h"

namespace anomalyvlm {
namespace {

std::vector<InspectedObject> objects_of(const std::vector<Proposal>& boxes, ObjectChoice choice, int count) {
  test::FakeAnswers answers;
  answers.boxes["nut"] = boxes;
  const test::FakeModels models(answers);
  const Image image{20, 10, std::vector<std::uint8_t>(20 * 10 * 3, 100)};
  StageOptions options;
  options.object_choice = choice;
  return models.open(image, options).objects->find("nut", count);
}

TEST(Objects, TheBestThatAreApart) {
  const std::vector<Proposal> boxes = {{{0, 0, 6, 6}, 0.5, "nut"},
                                       {{0, 0, 6, 7}, 0.9, "nut"},
                                       {{10, 0, 16, 6}, 0.4, "nut"},
                                       {{8, 8, 10, 10}, 0.3, "nut"}};
  const auto found = objects_of(boxes, ObjectChoice::kBest, 2);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].score, 0.9);
  EXPECT_EQ(found[1].score, 0.4) << "the second best is the first object again";
  EXPECT_EQ(found[0].mask.value(5, 6), 1);
  EXPECT_EQ(found[0].mask.value(5, 7), 0);
}

TEST(Objects, AllBelowTheirShareOfTheImage) {
  const std::vector<Proposal> boxes = {
      {{0, 0, 10, 10}, 0.5, "nut"}, {{0, 0, 9, 10}, 0.2, "nut"}, {{1, 1, 3, 3}, 0.9, "nut"}};
  const auto found = objects_of(boxes, ObjectChoice::kBelowShare, 2);
  ASSERT_EQ(found.size(), 2u) << "half of the image is not below its half";
  EXPECT_EQ(found[0].score, 0.2);
  EXPECT_EQ(objects_of(boxes, ObjectChoice::kBelowShare, 1).size(), 3u);
  EXPECT_TRUE(objects_of({}, ObjectChoice::kBelowShare, 1).empty());
}

}  // namespace
}  // namespace anomalyvlm
