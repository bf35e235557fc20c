#include "reference/saa_property.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "prompts/prompt_helpers.h"
#include "source_dir.h"

namespace anomalyvlm::reference {
namespace {

TEST(SaaProperty, ReadsWordsByTheirPlace) {
  const SaaProperty p = saa_property(
      "the image of mtd have 1 dissimilar mtd, with a maximum of 5 anomaly. The anomaly would not exceed 0.9 "
      "object area. ");
  EXPECT_EQ(p.object_prompt, "mtd,");
  EXPECT_EQ(p.object_number, 1);
  EXPECT_EQ(p.similar, "dissimilar");
  EXPECT_EQ(p.k_mask, 5);
  EXPECT_EQ(p.defect_area_threshold, 0.9);
  EXPECT_EQ(p.object_max_area, 1.0);
}

// The cases of the authors' code beside the checkout.
TEST(SaaProperty, Golden) {
  const std::filesystem::path file =
      test::source_dir() / "../shared/golden/hybrid_prompts/property_parsing/case.json";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not there";
  std::ifstream stream(file);
  const nlohmann::json golden = nlohmann::json::parse(stream);
  for (const auto& item : golden.at("parsing")) {
    const std::string input = item.at("input");
    if (item.contains("error")) {
      EXPECT_NE(test::bad_prompt([&] { saa_property(input); }), "") << input;
      continue;
    }
    const SaaProperty p = saa_property(input);
    const auto& expected = item.at("expected");
    EXPECT_EQ(p.object_prompt, expected.at("object_prompt"));
    EXPECT_EQ(p.object_number, expected.at("object_number"));
    EXPECT_EQ(p.similar, expected.at("similar"));
    EXPECT_EQ(p.k_mask, expected.at("k_mask"));
    EXPECT_EQ(p.defect_area_threshold, expected.at("defect_area_threshold"));
    EXPECT_EQ(p.object_max_area, expected.at("object_max_area"));
    EXPECT_EQ(p.object_min_area, expected.at("object_min_area"));
    // The friendly parser understands the same sentence, without its comma.
    const HybridPrompt prompt = parse_prompt_text(input);
    EXPECT_EQ(prompt.max_regions, p.k_mask) << input;
    EXPECT_EQ(prompt.object_count, p.object_number) << input;
    ASSERT_EQ(prompt.rules.size(), 1u) << input;
    EXPECT_EQ(prompt.rules[0].value, p.defect_area_threshold) << input;
  }
}

}  // namespace
}  // namespace anomalyvlm::reference
