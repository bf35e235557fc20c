// The paper's stages together, on small models randomly initialised; and which weights a name stands for.
#include "roles/adapters/published_models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "anomalyvlm/detector.h"
#include "detector/registry.h"
#include "errors.h"
#include "methods/anomalyvlm/pipeline.h"
#include "models/catalog/catalog.h"
#include "models/grounding_dino/small_model.h"
#include "models/small_sam.h"
#include "roles/adapters/grounding_dino_proposer.h"
#include "roles/adapters/resnet_saliency.h"
#include "roles/adapters/sam_refiner.h"
#include "roles/adapters/text_boxes.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

using test::error_of;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const ResNetConfig kNetwork{{1, 1}, 4, 1, 1e-5F, {1, 2}};

std::shared_ptr<const WeightFile> weights_of(const nn::ModelFunction& function, const Shape& image) {
  return test::random_weights(nn::trace_signature(function, {{"image", image}}), 12);
}

std::unique_ptr<ModelSet> small_models(bool together = false, std::int64_t max_text = 256) {
  const auto engine = nn::make_engine("openvino", {.device = "cpu", .disk_cache = false});
  GroundingDinoConfig generator = test::small_grounding_dino();
  generator.input = {.short_side = 64, .long_side = 128};
  generator.max_text = max_text;
  const auto network = [](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    return nn::NamedValues{{"features", resnet_features(root, kNetwork, inputs[0]).back()}};
  };
  return std::make_unique<JoinedModels>(
      grounding_dino_proposer(std::make_shared<const grounding_dino::GroundingDino>(
                                  test::small_weights(generator), engine, nn::Precision::kF32, generator,
                                  test::small_tokenizer()),
                              together),
      sam_refiner(std::make_shared<const sam::Predictor>(
          test::random_weights(sam::expected_tensors(test::small_sam(64)), 31), engine, nn::Precision::kF32,
          test::small_sam(64))),
      resnet_saliency(
          ResNetSaliency(std::make_shared<const DenseFeatures>(weights_of(network, {1, 3, 32, 32}), engine,
                                                               nn::Precision::kF32, kNetwork),
                         {.side = 32, .among_objects = 32, .of_network = 32})),
      std::vector<LoadedModel>{{"generator"}, {"refiner"}, {"saliency"}});
}

Image stripes(int width, int height) {
  Image image{width, height, {}};
  for (int i = 0; i < width * height; ++i)
    for (int c = 0; c < 3; ++c) image.rgb.push_back(static_cast<std::uint8_t>(i * (c + 2) % 251));
  return image;
}

TEST(PublishedModels, DetectFromImageToMap) {
  const auto models = small_models();
  const Image image = stripes(90, 60);
  HybridPrompt prompt;
  prompt.phrases = {"crack", "hole"};
  prompt.max_regions = 2;
  const Detection found = detect(*models, image, prompt, profile_named("paper"));
  EXPECT_THAT(found.models, ElementsAre("generator", "refiner", "saliency"));
  EXPECT_GT(found.candidates.size(), 2U);  // randomly initialised weights find something everywhere
  EXPECT_EQ(found.kept, 2U);
  for (const Candidate& candidate : found.candidates) {
    EXPECT_GT(candidate.confidence, 0.1);
    EXPECT_EQ(candidate.phrase.find('.'), std::string::npos) << candidate.phrase;
  }
  EXPECT_EQ(found.anomaly.width, 90);
  // The same again, and asked for the object too.
  EXPECT_EQ(detect(*models, image, prompt, profile_named("paper")).anomaly.values, found.anomaly.values);
  prompt.object = "print";
  for (const PipelineConfig& config : {profile_named("paper"), profile_named("saa-plus")})
    EXPECT_EQ(detect(*models, image, prompt, config).anomaly.height, 60) << config.name;
}

TEST(PublishedModels, AnEnsembleInOneBatchFindsTheSame) {
  const std::vector<std::vector<std::string>> captions = {
      {"crack"}, {"hole", "white print"}, {"cut"}, {"crack"}};
  const Image image = stripes(70, 90);
  const StageOptions options = profile_named("paper").stages;
  const auto apart = small_models(), together = small_models(true);
  const auto one_by_one = apart->open(image, options).proposer->propose(captions),
             at_once = together->open(image, options).proposer->propose(captions);
  ASSERT_THAT(one_by_one, SizeIs(captions.size()));
  for (std::size_t i = 0; i < captions.size(); ++i) {
    ASSERT_EQ(at_once[i].size(), one_by_one[i].size()) << i;
    for (std::size_t k = 0; k < at_once[i].size(); ++k) {
      EXPECT_NEAR(at_once[i][k].score, one_by_one[i][k].score, 1e-5);
      EXPECT_EQ(at_once[i][k].phrase, one_by_one[i][k].phrase);
    }
  }
}

// A caption of eight tokens has room for "crack. hole", but not for all four.
TEST(PublishedModels, PhrasesThatDoNotFitIntoOneCaption) {
  const auto models = small_models(false, 8);
  const Image image = stripes(90, 60);
  const StageOptions options = profile_named("paper").stages;
  const auto ask = [&](const Caption& phrases) {
    return models->open(image, options).proposer->propose_one(phrases);
  };
  const auto proposer = models->open(image, options).proposer;
  const std::vector<Proposal> all = proposer->propose_one({"crack", "hole", "white print", "cut"});
  EXPECT_THAT(proposer->notes(), ElementsAre(HasSubstr("The 4 phrases are asked in 2 captions")));
  std::vector<Proposal> parts = ask({"crack", "hole"});
  for (const Proposal& box : ask({"white print", "cut"})) parts.push_back(box);
  ASSERT_EQ(all.size(), parts.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].score, parts[i].score);
    EXPECT_EQ(all[i].phrase, parts[i].phrase);
  }
  proposer->start_over();
  EXPECT_THAT(proposer->notes(), testing::IsEmpty());
  EXPECT_THAT(error_of(ErrorKind::kBadPrompt, [&] { ask({"white white print print cut cut cut"}); }),
              HasSubstr("takes 10 tokens of a caption, which can have 8"));
}

TEST(PublishedModels, OnlyTheMostConfidentAreRefined) {
  const auto models = small_models();
  const Image image = stripes(64, 64);
  StageOptions options = profile_named("paper").stages;
  const Caption phrases = {"crack"};
  options.max_proposals = 0;
  const std::vector<Proposal> all = models->open(image, options).proposer->propose_one(phrases);
  ASSERT_GT(all.size(), 3U);
  options.max_proposals = 3;
  const auto proposer = models->open(image, options).proposer;
  const std::vector<Proposal> some = proposer->propose_one(phrases);
  ASSERT_THAT(some, SizeIs(3));
  std::vector<double> scores, best;
  for (const Proposal& box : all) scores.push_back(box.score);
  std::sort(scores.rbegin(), scores.rend());
  for (const Proposal& box : some) best.push_back(box.score);
  std::sort(best.rbegin(), best.rend());
  EXPECT_EQ(best, std::vector<double>(scores.begin(), scores.begin() + 3));
  EXPECT_THAT(proposer->notes(), ElementsAre(AllOf(HasSubstr("\"crack\" was found at"),
                                                   HasSubstr("only the 3 most confident"))));
}

TEST(PublishedModels, PhrasesAreReadAsTheProfileSays) {
  const grounding_dino::CaptionOutputs answer = {
      {"[CLS]", "crack", ".", "[SEP]"},
      Tensor::from<float>({2, 4}, {0.5F, 0.5F, 0.5F, 0.5F, 0.2F, 0.2F, 0.1F, 0.1F}),
      Tensor::from<float>({2, 4}, {0.3F, 0.6F, 0.2F, 0, 0, 0.05F, 0, 0})};
  StageOptions options;
  const auto clean = read_boxes(answer, options, 200, 100);
  ASSERT_THAT(clean, SizeIs(1));
  EXPECT_EQ(clean[0].phrase, "crack");
  EXPECT_FLOAT_EQ(static_cast<float>(clean[0].score), 0.6F);
  EXPECT_EQ(clean[0].box.x0, 50);
  EXPECT_EQ(clean[0].box.y1, 75);
  EXPECT_EQ(clean[0].id, 0);
  EXPECT_EQ(read_boxes(answer, options, 200, 100, 7)[0].id, 7);
  options.phrases = PhraseReading::kAllTokens;
  EXPECT_EQ(read_boxes(answer, options, 200, 100).at(0).phrase, "[CLS] crack.");
}

TEST(PublishedNames, AreSetsOrJoined) {
  EXPECT_EQ(published_names("paper")->refiner, "mobile-sam");
  EXPECT_EQ(published_names("saa-plus")->refiner, "sam-vit-h");
  const auto joined = published_names("sam-vit-h+grounding-dino-swin-b");
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->generator, "grounding-dino-swin-b");
  EXPECT_EQ(joined->refiner, "sam-vit-h");
  EXPECT_EQ(joined->saliency, "wide-resnet50-2");
  EXPECT_TRUE(published_names("sam-vit-b+wide-resnet50-2+grounding-dino-swin-t"));
  for (const char* wrong :
       {"", "+", "nano", "grounding-dino-swin-t", "mobile-sam+sam-vit-b", "paper+mobile-sam",
        "grounding-dino-swin-t+mobile-sam+", "grounding-dino-swin-t+abacus",
        "grounding-dino-swin-t+bert-vocabulary", "grounding-dino-swin-t+mobile-sam+dinov2-vits14"})
    EXPECT_FALSE(published_names(wrong)) << wrong;
  for (const ModelEntry& entry : model_entries())
    EXPECT_EQ(published_names(entry.name).has_value(), std::string_view(entry.name) != "nano");
}

// Every generator and refiner of the table of published weights can be used.
TEST(PublishedNames, CoverTheTable) {
  for (const catalog::Published& row : catalog::published()) {
    const std::string name(row.name);
    const bool generates = row.role == catalog::Role::kRegionProposer;
    if (!generates && row.role != catalog::Role::kMaskRefiner) continue;
    EXPECT_TRUE(published_names(name + (generates ? "+mobile-sam" : "+grounding-dino-swin-t"))) << name;
  }
}

class PublishedFolder : public ::testing::Test {
 protected:
  void SetUp() override { setenv("ANOMALYVLM_MODELS", folder_.path().c_str(), 1); }
  void TearDown() override { unsetenv("ANOMALYVLM_MODELS"); }
  const test::TemporaryFolder folder_;
};

TEST_F(PublishedFolder, WithoutWeightsTheErrorSaysHowToGetThem) {
  EXPECT_THAT(missing_weights("paper"),
              ElementsAre("grounding-dino-swin-t", "mobile-sam", "wide-resnet50-2", "bert-vocabulary"));
  EXPECT_THAT(
      error_of(ErrorKind::kIo, [] { Detector{DetectorOptions{.model = "paper", .disk_cache = false}}; }),
      AllOf(HasSubstr("anomalyvlm models fetch grounding-dino-swin-t"),
            HasSubstr("groundingdino_swint_ogc.pth"), HasSubstr(folder_.path().string())));
}

TEST_F(PublishedFolder, ANetworkOfItsOwnComesWithItsVocabulary) {
  EXPECT_THAT(missing_weights("clip-vit-b-16-plus-240"),
              ElementsAre("clip-vit-b-16-plus-240", "clip-vocabulary"));
  EXPECT_THAT(missing_weights("wide-resnet50-2"), ElementsAre("wide-resnet50-2"));
  EXPECT_THAT(missing_weights("nano"), testing::IsEmpty()) << "it comes with the program";
  require_weights("nano");
  EXPECT_THAT(error_of(ErrorKind::kIo, [] { require_weights("clip-vit-b-16-plus-240"); }),
              HasSubstr("anomalyvlm models fetch clip-vit-b-16-plus-240 clip-vocabulary"));
  std::ofstream(folder_.path() / "wide_resnet50_2-95faca4d.pth") << "cut short";
  EXPECT_THAT(error_of(ErrorKind::kIo, [] { require_weights("wide-resnet50-2"); }),
              HasSubstr("has 9 bytes instead of 138223492"));
}

TEST_F(PublishedFolder, ADamagedFileIsNamed) {
  std::ofstream(folder_.path() / "groundingdino_swint_ogc.safetensors") << "not weights";
  EXPECT_THAT(error_of(ErrorKind::kBadModel, [] { Detector{DetectorOptions{.model = "paper"}}; }),
              HasSubstr("groundingdino_swint_ogc.safetensors"));
}

TEST_F(PublishedFolder, SidesAreChecked) {
  EXPECT_THAT(
      error_of(ErrorKind::kBadInput, [] { Detector{DetectorOptions{.model = "paper", .proposal_side = 5}}; }),
      HasSubstr("64 to 2048"));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [] { Detector{DetectorOptions{.proposal_side = 400}}; }),
              HasSubstr("nano has no proposal side"));
}

}  // namespace
}  // namespace anomalyvlm
