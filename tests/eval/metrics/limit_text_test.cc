#include "eval/metrics/limit_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "number.h"

namespace anomalyvlm::eval::test {
namespace {

// What is printed is given to detect, which must give the same verdicts.
TEST(Limits, ArePrintedSoThatTheScoreStillReachesThem) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 2000; ++i) {
    double value = static_cast<double>(random() % 3'000'000) / 1e6;
    if (i % 3 == 0) value = static_cast<double>(random() % 30'000) / 1e4;
    if (i % 3 == 1) value = std::nextafter(static_cast<double>(random() % 30'000) / 1e4, i % 2 ? 0 : 9);
    const double limit = anomalyvlm::test::number(limit_text(value)),
                 threshold = anomalyvlm::test::number(threshold_text(value));
    EXPECT_LE(limit, value);
    EXPECT_GT(limit, value - 1.01e-4);
    EXPECT_TRUE(threshold < value || value == 0) << value;
    EXPECT_GE(threshold, std::max(0.0, value - 1.01e-4));
  }
  EXPECT_EQ(limit_text(0.43), "0.43");
  EXPECT_EQ(threshold_text(0.43), "0.4299");
  EXPECT_EQ(limit_text(1), "1");
}

}  // namespace
}  // namespace anomalyvlm::eval::test
