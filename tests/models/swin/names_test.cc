// Names and shapes of the published weight files' backbones.
#include <gtest/gtest.h>

#include "models/shared_layouts.h"
#include "models/swin/swin.h"
#include "weights/name_check.h"

namespace anomalyvlm {
namespace {

constexpr const char* kPrefix = "backbone.0";

std::vector<ExpectedTensor> asked_for(const SwinConfig& config) {
  const auto function = [config](const nn::Scope& root, const std::vector<nn::Value>& in) {
    return nn::NamedValues{{"last", swin_features(root / kPrefix, config, in[0]).back()}};
  };
  return nn::trace_signature(function, {{"image", {1, 3, 64, 64}}}).weights;
}

void expect_layout(const std::string& name, const SwinConfig& config) {
  const std::filesystem::path file = test::shared_layout(name);
  if (test::absent(file)) GTEST_SKIP() << "no " << file;
  std::map<std::string, Shape> rest = test::read_layout(file);
  std::erase_if(rest, [](const auto& entry) { return !entry.first.starts_with(kPrefix); });
  for (const ExpectedTensor& tensor : asked_for(config)) {
    ASSERT_TRUE(rest.contains(tensor.name)) << tensor.name;
    EXPECT_EQ(rest[tensor.name], tensor.shape) << tensor.name;
    rest.erase(tensor.name);
  }
  const std::vector<std::string> ignorable = swin_ignorable(kPrefix);
  ASSERT_EQ(ignorable.size(), 1U);
  EXPECT_FALSE(rest.empty());
  for (const auto& [left, shape] : rest) EXPECT_TRUE(matches(ignorable[0], left)) << left;
}

TEST(SwinNames, SwinT) { expect_layout("groundingdino_swint_ogc", SwinConfig::swin_t()); }
TEST(SwinNames, SwinB) { expect_layout("groundingdino_swinb_cogcoor", SwinConfig::swin_b()); }

TEST(SwinNames, WithoutAPrefixAndWithoutOptionalParts) {
  EXPECT_TRUE(matches(swin_ignorable("").at(0), "layers.0.blocks.1.attn.relative_position_index"));
  SwinConfig config;
  config.qkv_bias = config.patch_norm = false;
  for (const ExpectedTensor& tensor : asked_for(config)) {
    EXPECT_FALSE(tensor.name.ends_with("qkv.bias"));
    EXPECT_EQ(tensor.name.find("patch_embed.norm"), std::string::npos);
    EXPECT_EQ(tensor.name.find(".norm0."), std::string::npos) << "the first stage gives no features";
  }
}

}  // namespace
}  // namespace anomalyvlm
