// The model as it is used: captions, batches, padding of texts, sizes, threads, refusals.
#include "models/grounding_dino/grounding_dino.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "anomalyvlm/error.h"
#include "models/grounding_dino/image_features.h"
#include "models/grounding_dino/phrases.h"
#include "models/grounding_dino/proposals.h"
#include "models/grounding_dino/small_model.h"

namespace anomalyvlm::grounding_dino {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const std::vector<std::string> kCaptions = {
    "crack. hole.", "white print", "Cuts. blow holes. a crack? hole.",
    "a crack. white holes. print. cut. blow hole. a cut. white cuts."};

GroundingDino make(const std::string& engine, const GroundingDinoConfig& config) {
  return GroundingDino(test::small_weights(config),
                       nn::make_engine(engine, {.device = "cpu", .disk_cache = false}), nn::Precision::kF32,
                       config, test::small_tokenizer());
}

void expect_near(const Tensor& got, const Tensor& expected, double allowed, const std::string& what) {
  ASSERT_EQ(got.shape(), expected.shape()) << what;
  for (std::int64_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got.floats()[i], expected.floats()[i], allowed) << what << ", " << i;
}

// Both have as many places.
TEST(GroundingDino, AnImageOnItsSideDiffers) {
  const GroundingDinoConfig config = test::small_grounding_dino();
  const GroundingDino both = make("openvino", config), alone = make("openvino", config);
  const Tensor lying = test::random_tensor({1, 3, 64, 96}, 2),
               standing = test::random_tensor({1, 3, 96, 64}, 3);
  const std::span<const std::string> caption(kCaptions.data(), 1);
  both.detect(both.open(lying), caption);
  const CaptionOutputs second = both.detect(both.open(standing), caption).at(0),
                       expected = alone.detect(alone.open(standing), caption).at(0);
  expect_near(second.boxes, expected.boxes, 1e-6, "boxes");
  expect_near(second.scores, expected.scores, 1e-6, "scores");
}

// Order and number of the answers, and that each caption is read as if it were alone.
TEST(GroundingDino, CaptionsAreAnsweredAsIfAlone) {
  const GroundingDino model = make("openvino", test::small_grounding_dino());
  const ImageFeatures image = model.open(test::random_tensor({1, 3, 70, 97}, 1));
  const std::vector<CaptionOutputs> one_by_one = model.detect(image, kCaptions),
                                    at_once = model.detect(image, kCaptions, 3);
  ASSERT_THAT(one_by_one, SizeIs(kCaptions.size()));
  ASSERT_THAT(at_once, SizeIs(kCaptions.size()));
  for (std::size_t i = 0; i < kCaptions.size(); ++i) {
    const CaptionOutputs alone = model.detect(image, std::span(&kCaptions[i], 1)).at(0);
    EXPECT_EQ(alone.boxes.shape(), (Shape{20, 4}));
    EXPECT_EQ(alone.scores.shape(), (Shape{20, static_cast<std::int64_t>(alone.tokens.size())}));
    for (const CaptionOutputs* answer : {&one_by_one[i], &at_once[i]}) {
      EXPECT_EQ(answer->tokens, alone.tokens);
      expect_near(answer->boxes, alone.boxes, 1e-5, kCaptions[i]);
      expect_near(answer->scores, alone.scores, 1e-5, kCaptions[i]);
    }
  }
  EXPECT_THAT(one_by_one[1].tokens, ElementsAre("[CLS]", "white", "print", ".", "[SEP]"));
  EXPECT_THAT(model.detect(image, {}), SizeIs(0));
}

// All of the graphs by hand, over a text that is not padded.
struct ByHand {
  Tensor scores;  // of proposals
  Selection selection;
  CaptionOutputs answer;
};

ByHand by_hand(const std::string& engine_name, const GroundingDinoConfig& config, const Tensor& pixels,
               const std::string& caption, const ByHand* same_selection = nullptr) {
  const auto weights = test::small_weights(config);
  const auto engine = nn::make_engine(engine_name, {.device = "cpu", .disk_cache = false});
  const auto run = [&](nn::CompileRequest graph, const std::vector<Tensor>& inputs) {
    graph.weights = weights;
    return engine->compile(graph)->run(inputs);
  };
  const Extent input = {pixels.dim(2), pixels.dim(3)};
  const Levels levels = make_levels(map_sizes(config, input), input, {input});
  const TokenizedCaptions tokens = tokenize_captions(test::small_tokenizer(), std::span(&caption, 1));
  const TextInputs text = make_text_inputs(config, *weights, tokens, tokens.length());
  const TextShape shape = {1, tokens.length()};
  const Tensor image = run(image_graph(config, pixels.shape()), {pixels})[0];
  const Tensor words = run(text_graph(config, shape), {text.embeddings, text.bert_seen})[0];
  const auto encoded =
      run(encoder_graph(config, levels, shape), {image, words, text.positions, text.phrases, text.seen});
  Selection selection = select_proposals(levels, encoded[0], encoded[2], query_count(config, levels));
  if (same_selection != nullptr) {
    selection.places = same_selection->selection.places;
    selection.memory = take_rows(encoded[0], selection.places);
    selection.anchors = same_selection->selection.anchors;
  }
  const auto decoded = run(decoder_graph(config, levels, shape),
                           {encoded[0], encoded[1], text.seen, selection.memory, selection.anchors});
  Tensor scores = decoded[0].reshaped({decoded[0].dim(1), decoded[0].dim(2)});
  for (float& score : scores.mutable_floats()) score = 1 / (1 + std::exp(-score));
  return {encoded[2], selection, {{}, decoded[1].reshaped({decoded[1].dim(1), 4}), scores}};
}

TEST(GroundingDino, PaddingOfTextsChangesNothing) {
  const GroundingDinoConfig config = test::small_grounding_dino();
  const Tensor pixels = test::random_tensor({1, 3, 64, 48}, 2);
  for (const std::string& engine : nn::engine_names()) {
    const GroundingDino model = make(engine, config);
    const std::vector<CaptionOutputs> answers = model.detect(model.open(pixels), kCaptions);
    for (std::size_t i = 0; i < kCaptions.size(); ++i) {
      const CaptionOutputs expected = by_hand(engine, config, pixels, detector_caption(kCaptions[i])).answer;
      expect_near(answers[i].boxes, expected.boxes, 1e-5, engine + ", " + kCaptions[i]);
      expect_near(answers[i].scores, expected.scores, 1e-5, engine + ", " + kCaptions[i]);
    }
  }
}

// Settings that no published model has.
std::vector<GroundingDinoConfig> unusual_configs() {
  GroundingDinoConfig more_maps = test::small_grounding_dino(), plain = more_maps, first_map = more_maps;
  more_maps.levels = 5;
  more_maps.activation = nn::Unary::kGelu;
  more_maps.temperature_y = 10000;
  plain.fusion = plain.text_enhancer = plain.text_cross_attention = plain.learned_queries = false;
  plain.sub_sentences = false;
  plain.levels = 3;
  first_map.backbone.first_stage = 0;
  first_map.levels = 5;
  return {more_maps, plain, first_map};
}

TEST(GroundingDino, EnginesAgreeOnUnusualSettings) {
  const Tensor pixels = test::random_tensor({1, 3, 72, 50}, 7);
  for (const GroundingDinoConfig& config : unusual_configs()) {
    const ByHand expected = by_hand("openvino", config, pixels, "crack. white hole.");
    for (const std::string& engine : nn::engine_names()) {
      const ByHand got = by_hand(engine, config, pixels, "crack. white hole.", &expected);
      expect_near(got.scores, expected.scores, 2e-4, engine);
      expect_near(got.answer.boxes, expected.answer.boxes, 1e-5, engine);
      expect_near(got.answer.scores, expected.answer.scores, 2e-5, engine);
    }
  }
}

TEST(GroundingDino, SmallImagesHaveFewerQueries) {
  const GroundingDino model = make("openvino", test::small_grounding_dino());
  const ImageFeatures image =
      model.open(test::random_tensor({1, 3, 17, 9}, 3));  // maps of 3 x 2, 2 x 1, 1, 1
  EXPECT_EQ(image.levels.places(), 10);
  EXPECT_EQ(model.detect(image, kCaptions).at(0).boxes.shape(), (Shape{10, 4}));
}

TEST(GroundingDino, SeveralThreadsMayAsk) {
  const GroundingDino model = make("openvino", test::small_grounding_dino());
  const ImageFeatures image = model.open(test::random_tensor({1, 3, 64, 64}, 4));
  const std::vector<CaptionOutputs> expected = model.detect(image, kCaptions);
  std::vector<std::vector<CaptionOutputs>> got(3);
  std::vector<std::thread> threads;
  for (std::vector<CaptionOutputs>& answers : got)
    threads.emplace_back([&] { answers = model.detect(image, kCaptions); });
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<CaptionOutputs>& answers : got)
    for (std::size_t i = 0; i < kCaptions.size(); ++i)
      expect_near(answers[i].scores, expected[i].scores, 1e-5, kCaptions[i]);
}

TEST(GroundingDino, RefusesWhatDoesNotFit) {
  const GroundingDinoConfig config = test::small_grounding_dino();
  const auto weights = test::small_weights(config);
  const auto engine = nn::make_engine("openvino", {.device = "cpu", .disk_cache = false});
  const auto refusal = [&](const std::shared_ptr<const WeightFile>& file, WordPieceTokenizer tokenizer) {
    try {
      const GroundingDino model(file, engine, nn::Precision::kF32, config, std::move(tokenizer));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kBadModel);
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  WeightFile::Tensors tensors = weights->tensors();
  tensors.erase("feat_map.bias");
  tensors.emplace("something.else", Tensor::zeros({1}));
  tensors.emplace("label_enc.weight", Tensor::zeros({7, 32}));  // published files have it
  EXPECT_THAT(refusal(std::make_shared<const WeightFile>("file", tensors), test::small_tokenizer()),
              AllOf(HasSubstr("feat_map.bias"), HasSubstr("something.else"), Not(HasSubstr("label_enc"))));
  EXPECT_THAT(refusal(weights, WordPieceTokenizer({"[PAD]", "[UNK]", "[CLS]", "[SEP]", ".", "a", "b", "c",
                                                   "d", "e", "f", "g", "h", "i", "j", "k", "l"})),
              AllOf(HasSubstr("17 tokens"), HasSubstr("16")));
}

TEST(GroundingDinoDetections, AreThoseAboveTheThreshold) {
  const CaptionOutputs answer = {
      {"[CLS]", "white", "print", ".", "crack", ".", "[SEP]"},
      Tensor::from<float>({3, 4}, {0.5F, 0.25F, 0.5F, 0.5F, 0, 0, 0, 0, 0.9F, 0.9F, 0.1F, 0.2F}),
      Tensor::from<float>({3, 7}, {0,    0.3F, 0.4F, 0, 0.35F, 0, 0,  //
                                   0,    0,    0.2F, 0, 0,     0, 0,  //
                                   0.6F, 0,    0,    0, 0.5F,  0, 0})};
  const std::vector<PhraseBox> all = read_phrase_boxes(answer, {0.2F, 0.32F, false}, 100, 40);
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].query, 0);
  EXPECT_FLOAT_EQ(all[0].score, 0.4F);
  EXPECT_EQ(all[0].phrase, "print crack");
  EXPECT_FLOAT_EQ(all[0].box.x0, 25);
  EXPECT_FLOAT_EQ(all[0].box.x1, 75);
  EXPECT_FLOAT_EQ(all[0].box.y0, 0);
  EXPECT_FLOAT_EQ(all[0].box.y1, 20);
  EXPECT_EQ(all[1].query, 2);
  EXPECT_FLOAT_EQ(all[1].score, 0.6F);
  EXPECT_EQ(all[1].phrase, "crack");
  EXPECT_EQ(read_phrase_boxes(answer, {0.2F, 0.32F, true}, 100, 40).at(0).phrase, "print");
}

}  // namespace
}  // namespace anomalyvlm::grounding_dino
