// Names and shapes of the published weight files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "models/grounding_dino/small_model.h"
#include "models/shared_layouts.h"

namespace anomalyvlm {
namespace {

void expect_layout(const std::string& name, const GroundingDinoConfig& config) {
  const std::filesystem::path file = test::shared_layout(name);
  if (test::absent(file)) GTEST_SKIP() << "no " << file;
  std::map<std::string, Shape> rest = test::read_layout(file);
  for (const ExpectedTensor& tensor : grounding_dino::expected_tensors(config)) {
    ASSERT_TRUE(rest.contains(tensor.name)) << tensor.name;
    EXPECT_EQ(rest[tensor.name], tensor.shape) << tensor.name;
    rest.erase(tensor.name);
  }
  // What is left is known by name; each pattern but that of training's leftovers is needed.
  std::set<std::string> needed;
  for (const auto& [left, shape] : rest) {
    bool ignorable = false;
    for (const std::string& pattern : grounding_dino::ignorable_tensors(config)) {
      if (!matches(pattern, left)) continue;
      ignorable = true;
      needed.insert(pattern);
    }
    EXPECT_TRUE(ignorable) << left;
  }
  for (const std::string& pattern : grounding_dino::ignorable_tensors(config))
    EXPECT_EQ(needed.contains(pattern), pattern != "label_enc.weight") << pattern;
}

TEST(GroundingDinoNames, SwinT) { expect_layout("groundingdino_swint_ogc", GroundingDinoConfig::swin_t()); }
TEST(GroundingDinoNames, SwinB) {
  expect_layout("groundingdino_swinb_cogcoor", GroundingDinoConfig::swin_b());
}

TEST(GroundingDinoNames, ReadingsThatAreSwitchedOffAskForNothing) {
  GroundingDinoConfig config = test::small_grounding_dino();
  config.fusion = config.text_enhancer = config.text_cross_attention = config.learned_queries = false;
  for (const ExpectedTensor& tensor : grounding_dino::expected_tensors(config))
    for (const char* part : {"fusion_layers", "text_layers", "ca_text", "catext_norm", "tgt_embed"})
      EXPECT_EQ(tensor.name.find(part), std::string::npos) << tensor.name;
}

}  // namespace
}  // namespace anomalyvlm
