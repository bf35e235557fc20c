#include "roles/compared_models.h"

#include <gtest/gtest.h>

#include "anomalyvlm/error.h"
#include "roles/fake_models.h"

namespace anomalyvlm {
namespace {

constexpr int kSide = 64, kCells = 8;

// Says nothing of an image: the pool knows the answers.
class EmptyDescriber : public ImageDescriber {
 public:
  std::vector<DescriptorGrid> describe(const Image&) const override { return {DescriptorGrid{}}; }
  std::string id() const override { return "empty"; }
};

// The left five eighths as far as is usual among references, the rest `right`.
class StepPool : public ReferencePool {
 public:
  explicit StepPool(float right) : right_(right) {}
  std::vector<GridComparison> compare(std::span<const DescriptorGrid>) const override {
    GridComparison all;
    all.width = all.height = kCells;
    all.covered = {0, 0, kSide, kSide};
    all.usual = 0.1;
    all.high = 0.3;
    for (int i = 0; i < kCells * kCells; ++i) {
      all.nearest.push_back(i % kCells < 5 ? 0.1F : right_);
      all.rows.push_back(i);
    }
    return {all};
  }
  ReferencePlace place(std::size_t, std::int64_t row) const override {
    return {"good.png", static_cast<double>(row % kCells), static_cast<double>(row / kCells)};
  }

 private:
  float right_;
};

class ComparedModelsTest : public testing::Test {
 protected:
  static ComparedModels models() {
    test::FakeAnswers answers;
    answers.boxes["defect"] = {{.box = {4, 4, 20, 20}, .score = 0.8, .phrase = "defect"},
                               {.box = {40, 4, 60, 20}, .score = 0.7, .phrase = "defect"}};
    answers.saliency = [](int, int) { return 0.5F; };
    return {std::make_unique<test::FakeModels>(answers),
            [] { return std::make_shared<const EmptyDescriber>(); }};
  }

  Image image_{kSide, kSide, std::vector<std::uint8_t>(kSide* kSide * 3, 128)};
};

TEST_F(ComparedModelsTest, AreAsTheyAreWithoutReferences) {
  const ComparedModels compared = models();
  const ImageRoles roles = compared.open(image_, {});
  EXPECT_EQ(roles.references, nullptr);
  EXPECT_EQ(roles.proposer->propose_one({"defect"}).size(), 2u);
  EXPECT_EQ(compared.describer()->id(), "empty");
}

TEST_F(ComparedModelsTest, ExplainWhatLooksLikeTheReferences) {
  const ComparedModels compared = models();
  const StepPool pool(0.4F);
  StageOptions options;
  options.references = &pool;
  const ImageRoles roles = compared.open(image_, options);
  const std::vector<Proposal> proposals = roles.proposer->propose_one({"defect"});
  ASSERT_EQ(proposals.size(), 2u);  // 0.4 is not yet far from all references
  const std::vector<Region> regions = roles.refiner->refine(proposals);
  const auto places = roles.references->explain(proposals, regions);
  ASSERT_TRUE(places[0]);
  EXPECT_EQ(places[0]->image, "good.png");
  EXPECT_EQ(places[0]->x, 1);  // the middle of the region, 12 of 64 pixels, in cells
  EXPECT_FALSE(places[1]);
  // The saliency of what is usual is the mean; what is further away keeps its own.
  const FloatMap saliency = roles.saliency->saliency({});
  EXPECT_NEAR(saliency.at(4, 30), 0.5F, 1e-5F);
  EXPECT_NEAR(saliency.at(60, 30), 0.5F, 1e-5F);
}

TEST_F(ComparedModelsTest, ProposeWhatIsFarFromAllReferences) {
  const ComparedModels compared = models();
  const StepPool pool(0.9F);
  StageOptions options;
  options.references = &pool;
  const ImageRoles roles = compared.open(image_, options);
  for (int prompt = 0; prompt < 2; ++prompt) {  // the same for each prompt
    const std::vector<Proposal> proposals = roles.proposer->propose_one({"defect"});
    ASSERT_EQ(proposals.size(), 3u);
    EXPECT_EQ(proposals[2].phrase, kUnlikeReferencesPhrase);
    EXPECT_GT(proposals[2].score, 0.1);
    const std::vector<Region> regions = roles.refiner->refine(proposals);
    ASSERT_EQ(regions.size(), 3u);
    EXPECT_TRUE(regions[2].is_inside(56, 32));
    EXPECT_FALSE(regions[2].is_inside(8, 32));
    EXPECT_FALSE(roles.references->explain(proposals, regions)[2]);
    roles.proposer->start_over();
  }
}

}  // namespace
}  // namespace anomalyvlm
