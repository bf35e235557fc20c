#pragma once
#include <gtest/gtest.h>

#include "anomalyvlm/detection.h"

namespace anomalyvlm::test {

// All but times.
inline void expect_same_findings(const Detection& a, const Detection& b) {
  EXPECT_EQ(a.anomaly.values, b.anomaly.values);
  EXPECT_EQ(a.saliency.values, b.saliency.values);
  EXPECT_EQ(a.image_score, b.image_score);
  EXPECT_EQ(a.p_value, b.p_value);
  EXPECT_EQ(a.verdict, b.verdict);
  EXPECT_EQ(a.kept, b.kept);
  EXPECT_EQ(a.notes, b.notes);
  ASSERT_EQ(a.candidates.size(), b.candidates.size());
  for (std::size_t i = 0; i < a.candidates.size(); ++i) {
    EXPECT_EQ(a.candidates[i].id, b.candidates[i].id);
    EXPECT_EQ(a.candidates[i].phrase, b.candidates[i].phrase);
    EXPECT_EQ(a.candidates[i].mask, b.candidates[i].mask);
    ASSERT_EQ(a.candidates[i].rejected_by.has_value(), b.candidates[i].rejected_by.has_value());
    if (a.candidates[i].rejected_by) {
      EXPECT_EQ(a.candidates[i].rejected_by->text, b.candidates[i].rejected_by->text);
    }
  }
}

}  // namespace anomalyvlm::test
