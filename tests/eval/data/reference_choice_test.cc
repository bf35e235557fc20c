// Which images of a data set serve as references.
#include "eval/data/reference_choice.h"

#include <numeric>
#include <random>

#include "eval/data/small_sets.h"

namespace anomalyvlm::eval {
namespace {

using test::error_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> ids_in(const std::vector<Sample>& samples) {
  std::vector<std::string> ids;
  for (const Sample& sample : samples) ids.push_back(sample.id);
  return ids;
}

class ReferenceChoice : public DataFolder {
 protected:
  // MVTec AD's layout.
  void category(const std::string& name, int train, int good, int bad) const {
    const auto number = [](int i) { return (i < 10 ? "0" : "") + std::to_string(i) + ".png"; };
    for (int i = 0; i < train; ++i) write_image(name + "/train/good/" + number(i));
    for (int i = 0; i < good; ++i) write_image(name + "/test/good/" + number(i));
    for (int i = 0; i < bad; ++i) {
      write_image(name + "/test/hole/" + number(i));
      mask(name + "/ground_truth/hole/" + number(i).substr(0, 2) + "_mask.png");
    }
  }
  std::vector<CategoryReferences> take(Dataset& dataset, std::size_t count, std::uint64_t seed = 1) const {
    return take_references(dataset, training_split("mvtec", root_, {}, dataset), count, seed);
  }
};

TEST_F(ReferenceChoice, AreOfTheTrainingSplit) {
  category("bottle", 12, 3, 2);
  category("cable", 5, 2, 2);
  category("screw", 0, 6, 1);  // has no training split
  Dataset dataset = open("mvtec");
  const std::size_t before = ids_of(dataset).size();
  const std::vector<CategoryReferences> references = take(dataset, 4);
  ASSERT_THAT(references, SizeIs(3));
  for (const CategoryReferences& own : std::span(references).first(2)) {
    EXPECT_TRUE(own.from_training);
    EXPECT_THAT(own.samples, SizeIs(4));
    for (const Sample& sample : own.samples) EXPECT_THAT(sample.id, HasSubstr("train/good"));
  }
  EXPECT_THAT(references[1].samples[0].id, HasSubstr("cable"));
  EXPECT_FALSE(references[2].from_training);
  EXPECT_EQ(ids_of(dataset).size(), before - 4) << "the others are all judged";
}

TEST_F(ReferenceChoice, ElseTheyAreTakenOutOfTheJudgedOnes) {
  category("bottle", 3, 6, 2);  // too few in training
  category("cable", 0, 6, 2);
  Dataset dataset = open("mvtec");
  const std::vector<CategoryReferences> references = take(dataset, 4);
  ASSERT_THAT(references, SizeIs(2));
  for (std::size_t c = 0; c < 2; ++c) {
    EXPECT_FALSE(references[c].from_training);
    EXPECT_THAT(references[c].samples, SizeIs(4));
    EXPECT_THAT(dataset.categories[c].samples, SizeIs(4));
    const std::vector<std::string> left = ids_in(dataset.categories[c].samples);
    for (const Sample& sample : references[c].samples) {
      EXPECT_EQ(sample.label, Label::kNormal);
      EXPECT_THAT(left, ::testing::Not(::testing::Contains(sample.id)));
    }
  }
}

TEST_F(ReferenceChoice, SomeImagesMustBeLeft) {
  category("bottle", 0, 3, 0);
  category("cable", 0, 3, 1);
  Dataset dataset = open("mvtec", {.categories = {"cable"}});
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { take(dataset, 4); }),
              AllOf(HasSubstr("The category 'cable' has"), HasSubstr("ask for fewer")));
  EXPECT_THAT(take(dataset, 3)[0].samples, SizeIs(3)) << "a defective one is left";
  Dataset good = open("mvtec", {.categories = {"bottle"}});
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { take(good, 3); }), HasSubstr("some are left to judge"));
}

// The generator is the standard's, the shuffle our own: this order is the same on every machine.
TEST_F(ReferenceChoice, ASeedGivesTheSameEverywhere) {
  category("bottle", 12, 2, 1);
  const auto names = [&](std::size_t count, std::uint64_t seed) {
    Dataset dataset = open("mvtec");
    std::vector<std::string> numbers;
    for (const std::string& id : ids_in(take(dataset, count, seed)[0].samples))
      numbers.push_back(id.substr(id.size() - 6, 2));
    return numbers;
  };
  std::mt19937_64 random(5);
  std::vector<int> order(12);
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = 12; i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  std::vector<std::string> expected;
  for (int i = 0; i < 4; ++i)
    expected.push_back((order[static_cast<std::size_t>(i)] < 10 ? "0" : "") +
                       std::to_string(order[static_cast<std::size_t>(i)]));
  EXPECT_EQ(names(4, 5), expected);
  EXPECT_EQ(names(4, 5), names(4, 5));
  EXPECT_NE(names(4, 5), names(4, 6));
  const std::vector<std::string> more = names(6, 5);
  EXPECT_EQ(std::vector<std::string>(more.begin(), more.begin() + 4), expected)
      << "fewer are the first of more";
}

// The label is only known from the mask: anomalous where it marks something.
TEST_F(ReferenceChoice, ByTheirMasks) {
  Dataset dataset;
  dataset.categories.push_back({.name = "part", .group = {}, .samples = {}});
  for (int i = 0; i < 8; ++i) {
    const std::string stem = "images/" + std::to_string(i);
    write_image(stem + ".png");
    mask(stem + "_mask.png", i % 2 == 0 ? 2 : 0);
    Sample sample;
    sample.id = stem;
    sample.image = root_ / (stem + ".png");
    sample.masks = {root_ / (stem + "_mask.png")};
    sample.label = Label::kByMask;
    dataset.categories[0].samples.push_back(sample);
  }
  const std::vector<CategoryReferences> references = take_references(dataset, {}, 3, 1);
  ASSERT_THAT(references[0].samples, SizeIs(3));
  for (const Sample& sample : references[0].samples) EXPECT_EQ((sample.id.back() - '0') % 2, 1) << sample.id;
  EXPECT_THAT(dataset.categories[0].samples, SizeIs(5));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { take_references(dataset, {}, 2, 1); }),
              HasSubstr("and 1 among those that are judged"));
}

// Where training images are what is judged, none of them serves.
TEST_F(ReferenceChoice, JudgedImagesAreNoReferences) {
  category("bottle", 5, 2, 2);
  Dataset dataset = open("mvtec", {.split = "all"});
  const std::vector<CategoryReferences> references = take(dataset, 3);
  EXPECT_FALSE(references[0].from_training);
  const std::vector<std::string> left = ids_of(dataset);
  EXPECT_THAT(left, SizeIs(6));
  for (const Sample& sample : references[0].samples)
    EXPECT_THAT(left, ::testing::Not(::testing::Contains(sample.id)));
}

TEST_F(ReferenceChoice, ASetWithoutATrainingSplit) {
  category("bottle", 0, 2, 1);
  EXPECT_THAT(training_split("mvtec", root_, {}, open("mvtec")).categories, IsEmpty());
}

}  // namespace
}  // namespace anomalyvlm::eval
