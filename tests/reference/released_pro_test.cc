#include "reference/released_pro.h"

#include <gmock/gmock.h>

#include <cmath>

#include "errors.h"

namespace anomalyvlm::reference {
namespace {

using anomalyvlm::test::error_of;
using testing::HasSubstr;

TEST(ReleasedPro, FillsHolesThatCornersDoNotOpen) {
  // A ring of 8 around a hole, and the same with a corner missing: the hole is open then.
  const Mask ring{5, 5, {0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0}};
  Mask open = ring;
  open.at(1, 1) = 0;
  std::vector<double> scores;  // rising from left to right, the hole highest
  for (int i = 0; i < 25; ++i) scores.push_back(i == 12 ? 10 : i % 5 + i / 5 * 0.125);
  const auto by_hand = [&](double area, bool hole) {
    // Thresholds up to 30 % of the normal pixels, by loops.
    const Mask& mask = hole ? ring : open;
    std::vector<double> rates, overlaps;
    for (int k = 0; k < 200; ++k) {
      const double t = 10 - k * (10.0 / 200);
      double wrong = 0, covered = 0;
      for (std::size_t i = 0; i < 25; ++i) {
        const bool inside = mask.values[i] != 0 || (hole && i == 12);
        if (scores[i] > t) (mask.values[i] != 0 ? covered : wrong) += 1;
        if (scores[i] > t && inside && mask.values[i] == 0) covered += 1;
      }
      if (wrong / (25 - area) > 0.3) break;
      rates.push_back(wrong / (25 - area));
      overlaps.push_back(covered / area);
    }
    double sum = 0;
    for (std::size_t k = 1; k < rates.size(); ++k)
      sum += (rates[k] - rates[k - 1]) * (overlaps[k] + overlaps[k - 1]) / 2;
    return sum / (rates.back() - rates.front());
  };
  EXPECT_NEAR(released_pro(scores, {ring}), by_hand(8, true), 1e-12);
  EXPECT_NEAR(released_pro(scores, {open}), by_hand(7, false), 1e-12);
  EXPECT_TRUE(std::isnan(released_pro(std::vector<double>(25, 0.5), {ring})));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { released_pro(scores, {}); }), HasSubstr("25 scores"));
}

}  // namespace
}  // namespace anomalyvlm::reference
