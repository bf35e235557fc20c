// The table, and which files are of which row.
#include "models/catalog/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>

#include "errors.h"
#include "models/catalog/architectures.h"
#include "models/grounding_dino/config.h"
#include "models/sam/sam_config.h"
#include "models/shared_layouts.h"

namespace anomalyvlm::catalog {
namespace {

using test::error_of;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Catalog, RowsAreWellFormed) {
  std::set<std::string_view> names, files, sums;
  for (const Published& row : published()) {
    SCOPED_TRACE(row.name);
    EXPECT_TRUE(names.insert(row.name).second);
    EXPECT_TRUE(files.insert(row.file).second);
    EXPECT_TRUE(sums.insert(row.sha256).second);
    EXPECT_EQ(row.sha256.size(), 64U);
    EXPECT_EQ(row.sha256.find_first_not_of("0123456789abcdef"), std::string_view::npos);
    EXPECT_EQ(row.file.find('/'), std::string_view::npos);
    EXPECT_TRUE(row.url.starts_with("https://") || !row.note.empty());
    EXPECT_FALSE(row.licence.empty());
    EXPECT_FALSE(row.summary.empty());
    EXPECT_EQ(row.architecture == nullptr, row.role == Role::kVocabulary);
    EXPECT_EQ(&published_named(row.name), find_published(row.name));
  }
  EXPECT_EQ(names.size(), 18U);
}

TEST(Catalog, SetsNameRows) {
  for (const PublishedSet& set : published_sets()) {
    EXPECT_EQ(find_set(set.name), &set);
    EXPECT_EQ(find_published(set.name), nullptr) << "one name, one meaning";
    for (const std::string_view member : set.members) EXPECT_NE(find_published(member), nullptr) << member;
  }
  EXPECT_EQ(find_set("mobile-sam"), nullptr);
}

TEST(Catalog, ArchitecturesAreWellFormed) {
  std::set<std::string_view> names;
  for (const Architecture* architecture : architectures()) {
    SCOPED_TRACE(architecture->name);
    EXPECT_TRUE(names.insert(architecture->name).second);
    EXPECT_EQ(&architecture_named(architecture->name), architecture);
    EXPECT_TRUE(architecture->config().has_value());
    EXPECT_TRUE(nlohmann::json::parse(architecture->config_json()).contains("model"));
    if (architecture->vocabulary.empty()) continue;
    EXPECT_EQ(published_named(architecture->vocabulary).role, Role::kVocabulary);
  }
}

TEST(Catalog, AnUnknownNameNamesTheOthers) {
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [] { published_named("sam"); }),
              AllOf(HasSubstr("\"sam\""), HasSubstr("sam-vit-h")));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [] { architecture_named("x"); }),
              AllOf(HasSubstr("\"x\""), HasSubstr("sam-vit-t")));
}

TEST(Catalog, ConfigsHaveTheTypeOfTheirNetwork) {
  EXPECT_EQ(config_of<GroundingDinoConfig>(published_named("grounding-dino-swin-b")).backbone.channels,
            GroundingDinoConfig::swin_b().backbone.channels);
  EXPECT_EQ(config_of<SamConfig>(published_named("sam-vit-h")).image_size(), 1024);
  for (const char* other : {"mobile-sam", "bert-vocabulary"})
    EXPECT_THAT(
        error_of(ErrorKind::kBadInput, [&] { config_of<GroundingDinoConfig>(published_named(other)); }),
        AllOf(HasSubstr(other), HasSubstr("of another kind of model")));
}

TEST(Catalog, FilesUnderTheAuthorsNamesStayAsTheyAre) {
  const auto theirs = std::make_shared<const WeightFile>("w", WeightFile::Tensors{{"x", Tensor::zeros({1})}});
  EXPECT_EQ(other_names_of(*theirs), nullptr);
  EXPECT_EQ(with_authors_names(theirs), theirs);
  const auto renamed = std::make_shared<const WeightFile>(
      "w",
      WeightFile::Tensors{{"model.text_backbone.embeddings.word_embeddings.weight", Tensor::zeros({2, 1})}});
  ASSERT_NE(other_names_of(*renamed), nullptr);
  EXPECT_EQ(other_names_of(*renamed)->publisher, "Hugging Face");
  EXPECT_NE(with_authors_names(renamed)->find("bert.embeddings.word_embeddings.weight"), nullptr);
}

// ---- names and shapes of the published files

void expect_layout(const std::string& layout, const std::string& name) {
  const std::filesystem::path file = test::shared_layout(layout);
  if (test::absent(file)) GTEST_SKIP() << "no " << file;
  WeightFile::Tensors tensors;
  for (const auto& [tensor, shape] : test::read_layout(file))  // no memory: nobody looks at the values
    tensors.emplace(tensor, Tensor(DType::kF32, shape, nullptr, nullptr));
  const WeightFile weights(layout, std::move(tensors));
  ASSERT_NE(architecture_of(weights), nullptr) << layout;
  EXPECT_EQ(architecture_of(weights)->name, name);
}

TEST(PublishedLayouts, AreRecognised) {
  expect_layout("groundingdino_swint_ogc", "grounding-dino-swin-t");
  expect_layout("groundingdino_swinb_cogcoor", "grounding-dino-swin-b");
  expect_layout("mobile_sam", "sam-vit-t");
  expect_layout("sam_vit_b", "sam-vit-b");
  expect_layout("sam_vit_l", "sam-vit-l");
  expect_layout("sam_vit_h", "sam-vit-h");
  expect_layout("wide_resnet50_2_torchvision", "wide-resnet50-2");
  expect_layout("clip_vit_b16_plus_240_openclip", "clip-vit-b-16-plus-240");
  expect_layout("dinov2_vits14", "dinov2-vits14");
  expect_layout("dinov2_vits14_reg", "dinov2-vits14-reg");
  expect_layout("dinov2_vitb14", "dinov2-vitb14");
  expect_layout("dinov2_vitb14_reg", "dinov2-vitb14-reg");
}

}  // namespace
}  // namespace anomalyvlm::catalog
