// Hugging Face's names of DINOv2's weights.
#include "models/dinov2/hugging_face_names.h"

#include <gmock/gmock.h>

#include "errors.h"
#include "models/dinov2/small_dinov2.h"

namespace anomalyvlm::dinov2 {
namespace {

using test::error_of;
using ::testing::HasSubstr;

// Name by name as their code builds the network, with a value of its own for each tensor.
struct TheirLayout {
  WeightFile::Tensors tensors;

  explicit TheirLayout(const Dinov2Config& c) {
    add("embeddings.cls_token", {1, 1, c.channels});
    add("embeddings.mask_token", {1, c.channels});
    if (c.registers > 0) add("embeddings.register_tokens", {1, c.registers, c.channels});
    add("embeddings.position_embeddings", {1, 1 + c.grid * c.grid, c.channels});
    add("embeddings.patch_embeddings.projection.weight", {c.channels, 3, c.patch, c.patch});
    add("embeddings.patch_embeddings.projection.bias", {c.channels});
    for (int i = 0; i < c.blocks; ++i) add_layer(c, fmt::format("encoder.layer.{}.", i));
    norm("layernorm", c.channels);
  }

  void add(const std::string& name, const Shape& shape) {
    const auto count = static_cast<std::size_t>(element_count(shape));
    tensors.emplace(name, Tensor::from(shape, std::vector<float>(count, static_cast<float>(tensors.size()))));
  }
  void linear(const std::string& name, std::int64_t out, std::int64_t in) {
    add(name + ".weight", {out, in});
    add(name + ".bias", {out});
  }
  void norm(const std::string& name, std::int64_t channels) {
    add(name + ".weight", {channels});
    add(name + ".bias", {channels});
  }

  void add_layer(const Dinov2Config& c, const std::string& at) {
    norm(at + "norm1", c.channels);
    for (const char* part : {"query", "key", "value"})
      linear(at + "attention.attention." + part, c.channels, c.channels);
    linear(at + "attention.output.dense", c.channels, c.channels);
    add(at + "layer_scale1.lambda1", {c.channels});
    norm(at + "norm2", c.channels);
    const bool gated = c.feed_forward == FeedForward::kSwiGlu;
    linear(at + (gated ? "mlp.weights_in" : "mlp.fc1"), gated ? 2 * c.hidden : c.hidden, c.channels);
    linear(at + (gated ? "mlp.weights_out" : "mlp.fc2"), c.channels, c.hidden);
    add(at + "layer_scale2.lambda1", {c.channels});
  }
};

TEST(Dinov2HuggingFaceNames, AreTheAuthors) {
  for (const Dinov2Config& config :
       {test::small_dinov2(), test::small_dinov2(4), test::small_dinov2(0, FeedForward::kSwiGlu)}) {
    const TheirLayout theirs(config);
    const auto file =
        std::make_shared<const WeightFile>("w", theirs.tensors, WeightFile::Strings{{"k", "v"}});
    EXPECT_TRUE(has_hugging_face_names(*file));
    const auto ours = with_authors_names(file);
    EXPECT_NO_THROW(check_names(*ours, "DINOv2", expected_tensors(config), ignorable_tensors()));
    EXPECT_EQ(ours->metadata().at("k"), "v");
    const auto same = [&](const char* a, const char* b) {
      EXPECT_EQ(ours->at(a).raw(), file->at(b).raw()) << a;
    };
    same("blocks.1.ls1.gamma", "encoder.layer.1.layer_scale1.lambda1");
    same("blocks.1.ls2.gamma", "encoder.layer.1.layer_scale2.lambda1");
    same("blocks.2.norm2.bias", "encoder.layer.2.norm2.bias");
    same("norm.weight", "layernorm.weight");
    const float first = file->at("encoder.layer.2.attention.attention.query.weight").floats()[0];
    const auto joined = ours->at("blocks.2.attn.qkv.weight").floats();
    for (std::size_t part = 0; part < 3; ++part)  // each weight is followed by its bias
      EXPECT_EQ(joined[part * 144], first + 2 * static_cast<float>(part));
  }
}

TEST(Dinov2HuggingFaceNames, FilesOfTheAuthorsAndOfOthersStayAsTheyAre) {
  const auto authors = test::small_weights(test::small_dinov2());
  EXPECT_EQ(with_authors_names(authors), authors);
  const auto vit = std::make_shared<const WeightFile>(
      "w", WeightFile::Tensors{{"embeddings.position_embeddings", Tensor::zeros({1, 10, 12})}});
  EXPECT_EQ(with_authors_names(vit), vit);
}

TEST(Dinov2HuggingFaceNames, WhatIsNotWholeIsTold) {
  WeightFile::Tensors tensors = TheirLayout(test::small_dinov2()).tensors;
  tensors.erase("encoder.layer.1.attention.attention.key.bias");
  EXPECT_THAT(
      error_of(ErrorKind::kBadModel,
               [&] { with_authors_names(std::make_shared<const WeightFile>("w", std::move(tensors))); }),
      HasSubstr("no tensor 'encoder.layer.1.attention.attention.key.bias'"));
}

}  // namespace
}  // namespace anomalyvlm::dinov2
