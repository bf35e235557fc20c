// Hugging Face's names of Grounding DINO's weights, derived again from how their model is built, against the
// authors' published layout.
#include "models/grounding_dino/hugging_face_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "errors.h"
#include "models/shared_layouts.h"

namespace anomalyvlm::grounding_dino {
namespace {

using test::error_of;
using ::testing::HasSubstr;

// Names and shapes of the file that Hugging Face publishes.
class HuggingFaceLayout {
 public:
  // Swin of this width with so many blocks and heads in its stages.
  HuggingFaceLayout(std::int64_t width, std::vector<std::pair<int, std::int64_t>> stages,
                    std::int64_t window) {
    swin(width, stages, window);
    text();
    for (int layer = 0; layer < 6; ++layer) {
      encoder_layer(fmt::format("model.encoder.layers.{}.", layer));
      decoder_layer(fmt::format("model.decoder.layers.{}.", layer));
    }
    for (int level = 0; level < 4; ++level) {
      const std::string at = fmt::format("model.input_proj_vision.{}.", level);
      const std::int64_t inputs = width << std::min(level + 1, 3), kernel = level < 3 ? 1 : 3;
      add(at + "0", {256, inputs, kernel, kernel});
      norm(at + "1", 256);
    }
    shapes["model.level_embed"] = {4, 256};
    shapes["model.query_position_embeddings.weight"] = {900, 256};
    add("model.enc_output", {256, 256});
    norm("model.enc_output_norm", 256);
    norm("model.decoder.layer_norm", 256);
    add("model.decoder.reference_points_head.layers.0", {256, 512});
    add("model.decoder.reference_points_head.layers.1", {256, 256});
    box_head("model.encoder_output_bbox_embed.");
    box_head("bbox_embed.0.");
  }

  std::map<std::string, Shape> shapes;

 private:
  void add(const std::string& at, const Shape& weight) {
    shapes[at + ".weight"] = weight;
    shapes[at + ".bias"] = {weight[0]};
  }
  void norm(const std::string& at, std::int64_t channels) {
    shapes[at + ".weight"] = shapes[at + ".bias"] = {channels};
  }
  void attention(const std::string& at, std::int64_t channels) {
    for (const char* part : {"query", "key", "value"}) add(at + part, {channels, channels});
  }
  void box_head(const std::string& at) {
    for (int layer = 0; layer < 3; ++layer)
      add(fmt::format("{}layers.{}", at, layer), {layer < 2 ? 256 : 4, 256});
  }

  void swin(std::int64_t width, const std::vector<std::pair<int, std::int64_t>>& stages,
            std::int64_t window) {
    const std::string at = "model.backbone.conv_encoder.model.";
    add(at + "embeddings.patch_embeddings.projection", {width, 3, 4, 4});
    norm(at + "embeddings.norm", width);
    for (std::size_t s = 0; s < stages.size(); ++s) {
      const std::int64_t channels = width << s, tokens = window * window, places = 2 * window - 1;
      const std::string stage = fmt::format("{}encoder.layers.{}.", at, s);
      for (int b = 0; b < stages[s].first; ++b) {
        const std::string block = fmt::format("{}blocks.{}.", stage, b);
        norm(block + "layernorm_before", channels);
        norm(block + "layernorm_after", channels);
        attention(block + "attention.self.", channels);
        shapes[block + "attention.self.relative_position_bias_table"] = {places * places, stages[s].second};
        shapes[block + "attention.self.relative_position_index"] = {tokens, tokens};
        add(block + "attention.output.dense", {channels, channels});
        add(block + "intermediate.dense", {4 * channels, channels});
        add(block + "output.dense", {channels, 4 * channels});
      }
      if (s > 0) norm(fmt::format("{}hidden_states_norms.stage{}", at, s + 1), channels);
      if (s + 1 == stages.size()) continue;
      shapes[stage + "downsample.reduction.weight"] = {2 * channels, 4 * channels};
      norm(stage + "downsample.norm", 4 * channels);
    }
  }

  void text() {
    const std::string at = "model.text_backbone.";
    shapes[at + "embeddings.word_embeddings.weight"] = {30522, 768};
    shapes[at + "embeddings.position_embeddings.weight"] = {512, 768};
    shapes[at + "embeddings.token_type_embeddings.weight"] = {2, 768};
    norm(at + "embeddings.LayerNorm", 768);
    for (int layer = 0; layer < 12; ++layer) {
      const std::string block = fmt::format("{}encoder.layer.{}.", at, layer);
      attention(block + "attention.self.", 768);
      add(block + "attention.output.dense", {768, 768});
      norm(block + "attention.output.LayerNorm", 768);
      add(block + "intermediate.dense", {3072, 768});
      add(block + "output.dense", {768, 3072});
      norm(block + "output.LayerNorm", 768);
    }
    add("model.text_projection", {256, 768});
  }

  void deformable_attention(const std::string& at) {
    add(at + "sampling_offsets", {256, 256});
    add(at + "attention_weights", {128, 256});
    add(at + "value_proj", {256, 256});
    add(at + "output_proj", {256, 256});
  }
  void feed_forward(const std::string& at, std::int64_t inner) {
    add(at + "fc1", {inner, 256});
    add(at + "fc2", {256, inner});
  }

  void encoder_layer(const std::string& at) {
    deformable_attention(at + "deformable_layer.self_attn.");
    norm(at + "deformable_layer.self_attn_layer_norm", 256);
    feed_forward(at + "deformable_layer.", 2048);
    norm(at + "deformable_layer.final_layer_norm", 256);
    attention(at + "text_enhancer_layer.self_attn.", 256);
    add(at + "text_enhancer_layer.self_attn.out_proj", {256, 256});
    norm(at + "text_enhancer_layer.layer_norm_before", 256);
    norm(at + "text_enhancer_layer.layer_norm_after", 256);
    feed_forward(at + "text_enhancer_layer.", 1024);
    for (const char* side : {"vision", "text"}) {
      const std::string fusion = at + "fusion_layer.";
      shapes[fmt::format("{}{}_param", fusion, side)] = {256};
      norm(fmt::format("{}layer_norm_{}", fusion, side), 256);
      add(fmt::format("{}attn.{}_proj", fusion, side), {1024, 256});
      add(fmt::format("{}attn.values_{}_proj", fusion, side), {1024, 256});
      add(fmt::format("{}attn.out_{}_proj", fusion, side), {256, 1024});
    }
  }

  void decoder_layer(const std::string& at) {
    for (const char* kind : {"self_attn", "encoder_attn_text"}) {
      attention(at + kind + ".", 256);
      add(at + kind + ".out_proj", {256, 256});
      norm(at + kind + "_layer_norm", 256);
    }
    deformable_attention(at + "encoder_attn.");
    norm(at + "encoder_attn_layer_norm", 256);
    feed_forward(at, 2048);
    norm(at + "final_layer_norm", 256);
  }
};

// Without values, but for what is joined and hence copied: the same zeros everywhere.
std::shared_ptr<const WeightFile> file_of_zeros(const std::map<std::string, Shape>& shapes) {
  const auto zeros = std::make_shared<const std::vector<float>>(1024 * 1024);
  WeightFile::Tensors tensors;
  for (const auto& [name, shape] : shapes)
    tensors.emplace(name, Tensor(DType::kF32, shape, zeros, zeros->data()));
  return std::make_shared<WeightFile>("hugging face", std::move(tensors));
}

void expect_authors_layout(const std::string& layout, const HuggingFaceLayout& names) {
  const std::filesystem::path path = test::shared_layout(layout);
  if (test::absent(path)) GTEST_SKIP() << "no " << path;
  std::map<std::string, Shape> authors = test::read_layout(path);
  for (const char* unpublished :
       {"bert.pooler.dense.weight", "bert.pooler.dense.bias", "bert.embeddings.position_ids"})
    EXPECT_EQ(authors.erase(unpublished), 1U) << unpublished;
  const auto renamed = with_authors_names(file_of_zeros(names.shapes));
  std::map<std::string, Shape> got;
  for (const auto& [name, tensor] : renamed->tensors()) got.emplace(name, tensor.shape());
  for (const auto& [name, shape] : authors) {
    ASSERT_TRUE(got.contains(name)) << name;
    EXPECT_EQ(got.at(name), shape) << name;
  }
  for (const auto& [name, shape] : got) EXPECT_TRUE(authors.contains(name)) << name;
}

TEST(HuggingFaceNames, OfGroundingDinoTiny) {
  const HuggingFaceLayout tiny(96, {{2, 3}, {2, 6}, {6, 12}, {2, 24}}, 7);
  EXPECT_EQ(tiny.shapes.size(), 990U);
  expect_authors_layout("groundingdino_swint_ogc", tiny);
}

TEST(HuggingFaceNames, OfGroundingDinoBase) {
  const HuggingFaceLayout base(128, {{2, 4}, {2, 8}, {18, 16}, {2, 32}}, 12);
  EXPECT_EQ(base.shapes.size(), 1206U);
  expect_authors_layout("groundingdino_swinb_cogcoor", base);
}

// ---- values

constexpr const char* kWords = "model.text_backbone.embeddings.word_embeddings.weight";

Tensor filled(const Shape& shape, float value) {
  return Tensor::from(shape, std::vector<float>(static_cast<std::size_t>(element_count(shape)), value));
}

std::shared_ptr<const WeightFile> authors_names(WeightFile::Tensors tensors) {
  tensors.emplace(kWords, filled({1, 1}, 0));
  return with_authors_names(
      std::make_shared<WeightFile>("w", std::move(tensors), WeightFile::Strings{{"k", "v"}}));
}

TEST(HuggingFaceNames, QueriesStandOverKeysOverValues) {
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"model.backbone.conv_encoder.model.encoder.layers.2.blocks.5.attention.self.",
            "backbone.0.layers.2.blocks.5.attn.qkv."},
           {"model.encoder.layers.3.text_enhancer_layer.self_attn.",
            "transformer.encoder.text_layers.3.self_attn.in_proj_"},
           {"model.decoder.layers.1.self_attn.", "transformer.decoder.layers.1.self_attn.in_proj_"},
           {"model.decoder.layers.1.encoder_attn_text.", "transformer.decoder.layers.1.ca_text.in_proj_"}}) {
    const auto file = authors_names({{from + "query.weight", filled({1, 2}, 1)},
                                     {from + "key.weight", filled({1, 2}, 2)},
                                     {from + "value.weight", filled({1, 2}, 3)},
                                     {from + "query.bias", filled({1}, 4)},
                                     {from + "key.bias", filled({1}, 5)},
                                     {from + "value.bias", filled({1}, 6)}});
    EXPECT_EQ(file->size(), 3U);
    EXPECT_EQ(file->at(to + "weight").shape(), (Shape{3, 2}));
    EXPECT_THAT(file->at(to + "weight").floats(), testing::ElementsAre(1, 1, 2, 2, 3, 3));
    EXPECT_THAT(file->at(to + "bias").floats(), testing::ElementsAre(4, 5, 6));
    EXPECT_EQ(file->metadata().at("k"), "v");
  }
}

TEST(HuggingFaceNames, EachLayerHasTheSharedBoxHeadOrItsOwn) {
  const auto file = authors_names({{"model.decoder.layers.0.encoder_attn_layer_norm.weight", filled({1}, 0)},
                                   {"model.decoder.layers.1.encoder_attn_layer_norm.weight", filled({1}, 0)},
                                   {"model.decoder.layers.2.encoder_attn_layer_norm.weight", filled({1}, 0)},
                                   {"bbox_embed.0.layers.0.bias", filled({1}, 7)},
                                   {"bbox_embed.2.layers.0.bias", filled({1}, 9)}});
  for (const auto& [layer, value] : std::map<int, float>{{0, 7}, {1, 7}, {2, 9}}) {
    for (const char* at : {"", "transformer.decoder."})
      EXPECT_EQ(file->at(fmt::format("{}bbox_embed.{}.layers.0.bias", at, layer)).floats()[0], value);
  }
  EXPECT_EQ(file->size(), 1U + 3 + 6);
}

TEST(HuggingFaceNames, AuthorsFilesStayAsTheyAre) {
  const auto file = std::make_shared<const WeightFile>("w", WeightFile::Tensors{{"bert.x", filled({1}, 0)}});
  EXPECT_FALSE(has_hugging_face_names(*file));
  EXPECT_EQ(with_authors_names(file), file);
}

TEST(HuggingFaceNames, WhatDoesNotFitIsToldOrKept) {
  const std::string at = "model.decoder.layers.1.self_attn.";
  EXPECT_THAT(
      error_of(ErrorKind::kBadModel,
               [&] {
                 authors_names({{at + "query.bias", filled({1}, 1)}, {at + "key.bias", filled({1}, 2)}});
               }),
      HasSubstr("there is no tensor '" + at + "value.bias'"));
  EXPECT_THAT(error_of(ErrorKind::kBadModel,
                       [&] {
                         authors_names({{at + "query.bias", filled({1}, 1)},
                                        {at + "key.bias", filled({2}, 2)},
                                        {at + "value.bias", filled({1}, 2)}});
                       }),
              HasSubstr("do not fit each other"));
  EXPECT_THAT(error_of(ErrorKind::kBadModel,
                       [&] {
                         authors_names({{"model.level_embed", filled({1}, 1)},
                                        {"transformer.level_embed", filled({1}, 2)}});
                       }),
              HasSubstr("two of its tensors are the authors' 'transformer.level_embed'"));
  EXPECT_NE(authors_names({{"something.new", filled({1}, 1)}})->find("something.new"), nullptr);
}

}  // namespace
}  // namespace anomalyvlm::grounding_dino
