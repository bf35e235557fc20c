// (The authors' vectors: tests/golden.)
#include "prompts/saa_ensemble.h"

#include <gtest/gtest.h>

namespace anomalyvlm {
namespace {

TEST(SaaEnsemble, AsksOfTheCategoryAndDropsItsName) {
  const std::vector<SaaPrompt> prompts = saa_ensemble("metal nut");
  ASSERT_EQ(prompts.size(), 3u);
  EXPECT_EQ(prompts[0].text, "defect on metal nut");
  EXPECT_EQ(prompts[1].text, "damage on metal nut");
  EXPECT_EQ(prompts[2].text, "flaw on metal nut");
  for (const SaaPrompt& prompt : prompts) EXPECT_EQ(prompt.filter_phrase, "metal nut");
}

}  // namespace
}  // namespace anomalyvlm
