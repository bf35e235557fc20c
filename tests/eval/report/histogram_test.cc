// Scores by class, and what limits make of them.
#include "eval/report/histogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace anomalyvlm::eval::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Confusion, AnImageAtTheLimitIsNotOk) {
  const Confusion c = confusion_at({{0.1, 0.5, 0.6}, {0.2, 0.5}}, 0.5);
  EXPECT_EQ(c.good_ok, 1u);
  EXPECT_EQ(c.good_not_ok, 2u);
  EXPECT_EQ(c.defective_ok, 1u);
  EXPECT_EQ(c.defective_not_ok, 1u);
  EXPECT_EQ(in_words(c),
            "Of 3 good images 2 are not OK (false alarms); of 2 defective ones 1 is OK (missed).");
}

TEST(ScoreHistogram, ALimitPartsTheBars) {
  std::mt19937 random(3);
  for (const double limit : {0.0001, 0.3, 0.517, 1.0, 2.75}) {
    ImageScoresByClass scores;
    for (int i = 0; i < 300; ++i)
      (i % 3 ? scores.good : scores.defective).push_back(static_cast<double>(random() % 2000) / 1000);
    scores.good.push_back(0);
    scores.good.push_back(limit);
    const Histogram h = histogram_of(scores, limit, "limit");
    ASSERT_EQ(h.edges.size(), h.good.size() + 1);
    const auto at = std::find(h.edges.begin(), h.edges.end(), limit);
    ASSERT_NE(at, h.edges.end());
    EXPECT_TRUE(std::is_sorted(h.edges.begin(), h.edges.end()));
    EXPECT_GE(h.edges.front(), 0);
    const auto bins = at - h.edges.begin();
    const Confusion c = confusion_at(scores, limit);
    EXPECT_EQ(std::accumulate(h.good.begin(), h.good.begin() + bins, std::size_t{0}), c.good_ok);
    EXPECT_EQ(std::accumulate(h.good.begin() + bins, h.good.end(), std::size_t{0}), c.good_not_ok);
    EXPECT_EQ(std::accumulate(h.defective.begin() + bins, h.defective.end(), std::size_t{0}),
              c.defective_not_ok);
  }
}

TEST(ScoreHistogram, IsLinesOfText) {
  const std::string text = text_histogram(histogram_of({{0, 0, 0.1, 0.3}, {0.7, 0.9}}, 0.5, "limit 0.5"));
  EXPECT_THAT(text, HasSubstr("---- limit 0.5 ----\n"));
  EXPECT_THAT(text, HasSubstr("defective"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u);
  EXPECT_THAT(text_histogram(histogram_of({{0.1}, {}}, std::nullopt, "")), Not(HasSubstr("defective")));
  EXPECT_FALSE(text_histogram(histogram_of({{0, 0}, {}}, std::nullopt, "")).empty());
  EXPECT_FALSE(text_histogram(histogram_of({}, 0.0, "limit 0")).empty());
}

}  // namespace
}  // namespace anomalyvlm::eval::report
