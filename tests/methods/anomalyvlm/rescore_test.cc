// Refinement, choice and fusion. (The authors' vectors: tests/golden.)
#include "methods/anomalyvlm/rescore.h"

#include <gmock/gmock.h>

#include <cmath>

#include "methods/candidates.h"

namespace anomalyvlm {
namespace {

using testing::ElementsAre;

TEST(Rescore, RefinedScore) {
  EXPECT_EQ(refined_score(0.5, 0, 3), 0.5);
  EXPECT_DOUBLE_EQ(refined_score(0.5, 0.2, 1), 0.5 * std::exp(0.2));
  EXPECT_DOUBLE_EQ(refined_score(0.5, 0.2, 3), 0.5 * std::exp(0.6));
}

TEST(Rescore, TopK) {
  const std::vector<double> scores = {0.3, 0.5, 0.1, 0.5, NAN};
  EXPECT_THAT(top_k(scores, 1), ElementsAre(3)) << "of equal scores the higher index";
  EXPECT_THAT(top_k(scores, 3), ElementsAre(0, 1, 3));
  EXPECT_THAT(top_k(scores, 0), ElementsAre(4, 2, 0, 1, 3));
  EXPECT_THAT(top_k(scores, 50), ElementsAre(4, 2, 0, 1, 3));
  EXPECT_TRUE(top_k({}, 5).empty());
}

TEST(Rescore, Fuse) {
  const Region a = Region::binary(Mask{2, 1, {1, 1}}), b = Region::binary(Mask{2, 1, {0, 1}});
  const std::vector<ScoredRegion> regions = {{&a, 0.5}, {&b, 1.0}};
  EXPECT_THAT(fuse(regions, 2, 1, FusionDenominator::kCount).values, ElementsAre(0.5f, 0.75f));
  EXPECT_THAT(fuse(regions, 2, 1, FusionDenominator::kOnePlusCount).values, ElementsAre(0.25f, 0.5f));
  EXPECT_THAT(fuse({}, 2, 1, FusionDenominator::kCount).values, ElementsAre(0, 0));
}

TEST(Rescore, EqualScoresStayEqual) {
  const Region one = Region::binary(Mask{3, 1, {1, 0, 0}}), three = Region::binary(Mask{3, 1, {0, 1, 1}});
  for (int i = 1; i < 2000; ++i) {
    const double s = std::exp(i * 0.0013) * 0.37;
    const std::vector<ScoredRegion> regions = {{&one, s}, {&three, s}, {&three, s}, {&three, s}};
    const FloatMap map = fuse(regions, 3, 1, FusionDenominator::kCount);
    ASSERT_EQ(map.values[0], map.values[1]) << i;
    ASSERT_EQ(map.values[1], map.values[2]) << i;
  }
}

}  // namespace
}  // namespace anomalyvlm
