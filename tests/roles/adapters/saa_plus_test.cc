// The choice of boxes of the released code. (The authors' vectors: tests/golden.)
#include "roles/adapters/saa_plus.h"

#include <gtest/gtest.h>

#include "anomalyvlm/error.h"

namespace anomalyvlm {
namespace {

TEST(SaaPlus, Labels) {
  const auto label = [](double score) { return KeptBox{0, {}, score, "a"}.label(); };
  EXPECT_EQ(label(0.62999999523), "a(0.62)");
  EXPECT_EQ(label(0.5), "a(0.5)");
  EXPECT_EQ(label(1), "a(1.0)");
  EXPECT_EQ(label(0.00009), "a(9e-0)");
}

TEST(SaaPlus, Suppression) {
  const std::vector<std::string> tokens = {"[CLS]", "crack", ".", "[SEP]"};
  const std::vector<float> boxes = {.5f, .5f, .5f, .5f, .5f, .5f, 1, 1, .5f, .5f, .1f, .1f};
  const std::vector<float> scores = {0, .4f, 0, 0, 0, 0, .4f, 0, 0, 0, .2f, .1f, 0, 0, 0};
  BoxSuppression limits{0.1, 0.15, 0.9, 0, "mtd"};
  const auto kept = suppress_boxes(boxes, scores, 5, tokens, limits);
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0].label(), "crack(0.40)");
  EXPECT_EQ(kept[1].query, 2);
  limits.filter_phrase = "";
  EXPECT_TRUE(suppress_boxes(boxes, scores, 5, tokens, limits).empty());
  limits = {0.0, -1, 2, -1, "x"};
  EXPECT_THROW(suppress_boxes(boxes, scores, 5, tokens, limits), Error);
}

}  // namespace
}  // namespace anomalyvlm
