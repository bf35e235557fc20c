#include "reference/fuse_over_all.h"

#include <gmock/gmock.h>

namespace anomalyvlm::reference {
namespace {

using testing::ElementsAre;

TEST(FuseOverAll, DividesByAllRegions) {
  const Region a = Region::binary(Mask{2, 1, {1, 1}}), b = Region::binary(Mask{2, 1, {0, 1}});
  const std::vector<ScoredRegion> regions = {{&a, 0.5}, {&b, 1.0}};
  EXPECT_THAT(fuse_over_all(regions, 2, 1).values, ElementsAre(0.25f, 0.75f));
  EXPECT_THAT(fuse_over_all({}, 2, 1).values, ElementsAre(0, 0));
}

}  // namespace
}  // namespace anomalyvlm::reference
