// Anchors and the selection of proposals against plain loops.
#include "models/grounding_dino/proposals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/grounding_dino/plain_masks.h"
#include "models/random_model.h"

namespace anomalyvlm::grounding_dino {
namespace {

using test::PlainBatch;
using test::PlainMask;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(GroundingDinoAnchors, StandAroundTheirCenters) {
  for (const PlainBatch& batch : test::plain_batches()) {
    const Anchors got = make_anchors(batch.levels());
    const float *box = got.boxes.floats().data(), *valid = got.valid.floats().data();
    for (const Extent& image : batch.images) {
      for (std::size_t map = 0; map < batch.maps.size(); ++map) {
        const PlainMask mask = test::plain_mask(batch.maps[map], batch.input, image);
        for (std::int64_t y = 0; y < mask.height; ++y) {
          for (std::int64_t x = 0; x < mask.width; ++x, box += 4, ++valid) {
            const float side = 0.05F * static_cast<float>(1 << map);
            const float expected[] = {
                (static_cast<float>(x) + 0.5F) / static_cast<float>(mask.valid_columns()),
                (static_cast<float>(y) + 0.5F) / static_cast<float>(mask.valid_rows()), side, side};
            const bool inside =
                std::all_of(expected, expected + 4, [](float v) { return v > 0.01F && v < 0.99F; });
            ASSERT_EQ(*valid, inside && !mask.at(y, x) ? 1 : 0);
            for (int i = 0; i < 4; ++i) {
              if (*valid == 0)
                ASSERT_EQ(box[i], kInfinity);
              else
                ASSERT_NEAR(1 / (1 + std::exp(-box[i])), expected[i], 1e-6);
            }
          }
        }
      }
    }
  }
}

TEST(GroundingDinoAnchors, OutermostOfFiftyColumnsAreInvalid) {
  const Anchors anchors = make_anchors(make_levels({{3, 50}}, {24, 400}, {{24, 400}}));
  for (std::int64_t x = 0; x < 50; ++x)
    EXPECT_EQ(anchors.valid.floats()[50 + x], x == 0 || x == 49 ? 0 : 1) << x;
}

// Repeatedly takes the best that is left.
std::vector<std::int64_t> plain_best(const float* scores, std::int64_t places, std::int64_t count) {
  std::vector<bool> taken(static_cast<std::size_t>(places), false);
  std::vector<std::int64_t> best;
  while (static_cast<std::int64_t>(best.size()) < std::min(count, places)) {
    std::int64_t at = -1;
    for (std::int64_t i = 0; i < places; ++i)
      if (!taken[i] && (at < 0 || scores[i] > scores[at])) at = i;
    taken[at] = true;
    best.push_back(at);
  }
  return best;
}

TEST(GroundingDinoSelection, TakesTheBestOfEachRow) {
  for (const std::int64_t places : {1, 7, 85, 300}) {
    for (const std::int64_t count : {1, 7, 40, 900}) {
      Tensor scores = test::random_tensor({3, places}, static_cast<unsigned>(places));
      for (std::size_t i = 0; i < scores.mutable_floats().size(); i += 3)  // many of the same score
        scores.mutable_floats()[i] = std::round(scores.floats()[i]);
      scores.mutable_floats()[0] = -kInfinity;
      const auto got = select_best(scores, count);
      ASSERT_EQ(got.size(), 3U);
      for (std::int64_t b = 0; b < 3; ++b)
        EXPECT_EQ(got[b], plain_best(scores.floats().data() + b * places, places, count));
    }
  }
}

TEST(GroundingDinoSelection, NotANumberComesLast) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor scores = Tensor::from<float>({1, 6}, {nan, 1, -kInfinity, kInfinity, nan, -2});
  EXPECT_EQ(select_best(scores, 6)[0], (std::vector<std::int64_t>{3, 1, 5, 0, 2, 4}));
}

TEST(GroundingDinoSelection, RowsFollowTheSelection) {
  const Tensor x = Tensor::from<float>({2, 3, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  const Tensor taken = take_rows(x, {{2, 0}, {1, 1}});
  ASSERT_EQ(taken.shape(), (Shape{2, 2, 2}));
  EXPECT_EQ(std::vector<float>(taken.floats().begin(), taken.floats().end()),
            (std::vector<float>{4, 5, 0, 1, 8, 9, 8, 9}));
  const Tensor shared = take_rows(Tensor::from<float>({1, 3, 1}, {5, 6, 7}), {{2}, {0}});
  EXPECT_EQ(shared.floats()[0], 7);
  EXPECT_EQ(shared.floats()[1], 5);
}

}  // namespace
}  // namespace anomalyvlm::grounding_dino
