#include "eval/metrics/metrics.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "errors.h"

namespace anomalyvlm::eval::test {
namespace {

using anomalyvlm::test::error_of;
using testing::HasSubstr;

const Mask kNormal{2, 2, {0, 0, 0, 0}};
const Mask kDefect{2, 2, {1, 0, 0, 0}};

Metrics measured(std::vector<Scores<float>*> parts) { return measure<float>(parts); }

TEST(Metrics, CollectPixelsImagesAndRegionsPerKind) {
  Scores<float> good, crack;
  const Region corner = Region::soft({0, 0, 1, 1}, {1.0F});
  const std::vector<ScoredRegion> found{{&corner, 0.7}};
  good.add(std::vector<float>{0, 0, 0, 0.25F}, PreparedGroundTruth(kNormal), false, {});
  good.add(std::vector<float>{0, 0, 0, 0}, PreparedGroundTruth(kNormal), false, {});
  crack.add(std::vector<float>{0.5F, 0, 0, 0}, PreparedGroundTruth(kDefect), true, found);
  crack.add(std::vector<float>{0, 0.125F, 0, 0}, PreparedGroundTruth(kDefect), true, {});
  const Metrics both = measured({&good, &crack});
  EXPECT_EQ(both.images, 4U);
  EXPECT_EQ(both.anomalous, 2U);
  EXPECT_DOUBLE_EQ(both.pixel.max_f1.value, 2.0 / 3);
  EXPECT_EQ(both.pixel.f1_threshold.value, 0.5);
  EXPECT_TRUE(both.pro.defined());
  // Images: 0.5 and 0.125 of anomalous ones, 0.25 and 0 of normal ones.
  EXPECT_DOUBLE_EQ(both.image.max_f1.value, 0.8);
  EXPECT_EQ(both.image.f1_threshold.value, 0.125);
  EXPECT_DOUBLE_EQ(both.image.auroc.value, 0.75);
  EXPECT_DOUBLE_EQ(both.image.ap.value, 0.5 + 0.5 * 2 / 3);
  EXPECT_DOUBLE_EQ(both.region_f1.value, 2.0 / 3);
  EXPECT_EQ(both.region_threshold.value, 0.7);
  EXPECT_EQ(both.regions, 2U);

  const Metrics of_good = measured({&good});
  EXPECT_EQ(of_good.image.max_f1.undefined, "no image is anomalous");
  EXPECT_EQ(of_good.image.auroc.undefined, "no image is anomalous");
  EXPECT_EQ(of_good.pixel.max_f1.undefined, "no pixel is marked as a defect");
  EXPECT_EQ(of_good.region_f1.undefined, "no region is marked");
  EXPECT_TRUE(std::isnan(of_good.image.max_f1.value));
  const Metrics of_crack = measured({&crack});
  EXPECT_EQ(of_crack.image.max_f1.value, 1);
  EXPECT_EQ(of_crack.image.auroc.undefined, "every image is anomalous");
  EXPECT_EQ(measured({}).image.max_f1.undefined, "there is no image");
}

TEST(Metrics, ImagesWithoutAMaskCountAsImagesOnly) {
  Scores<float> all;
  all.add(std::vector<float>{0, 0.5F}, true);
  all.add(std::vector<float>{0.25F, 0, 0}, false);
  const Metrics metrics = measured({&all});
  EXPECT_EQ(metrics.image.auroc.value, 1);
  EXPECT_EQ(metrics.pixel.max_f1.undefined, "there is no image with a mask");
  EXPECT_EQ(metrics.pro.undefined, "there is no image with a mask");
}

TEST(Metrics, AnImageScoreOfTheMethodCounts) {
  Scores<float> all;
  all.add(std::vector<float>{0, 0.5F}, true, 1.0);
  all.add(std::vector<float>{0.25F, 0.75F}, false, 2.0);
  const Metrics metrics = measured({&all});
  EXPECT_EQ(metrics.image.auroc.value, 0);
  EXPECT_EQ(metrics.image.f1_threshold.value, 1);
}

TEST(Metrics, AnImageThatIsRefusedLeavesNothingBehind) {
  Scores<float> all;
  const PreparedGroundTruth truth(kDefect);
  const Region fine = Region::soft({0, 0, 1, 1}, {1.0F}), beyond = Region::soft({2, 0, 3, 1}, {1.0F});
  const std::vector<ScoredRegion> fine_regions{{&fine, 1}}, bad_regions{{&beyond, 1}};
  const std::vector<float> map(4, 0.5F), bad_map{0, 0, 0, std::numeric_limits<float>::quiet_NaN()};
  error_of(ErrorKind::kBadInput, [&] { all.add(map, truth, true, bad_regions); });
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { all.add(bad_map, truth, true, fine_regions); }),
              HasSubstr("not finite"));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { all.add(bad_map, true); }), HasSubstr("not finite"));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { all.add({}, true); }), HasSubstr("without pixels"));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { all.images.add(INFINITY, true); }), HasSubstr("finite"));
  const Metrics metrics = measured({&all});
  EXPECT_EQ(metrics.images, 0U);
  EXPECT_EQ(metrics.regions, 0U);
  EXPECT_EQ(metrics.pixel.max_f1.undefined, "there is no image with a mask");
}

}  // namespace
}  // namespace anomalyvlm::eval::test
