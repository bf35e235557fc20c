// The kind "grounding_dino_tiny": the whole model stage by stage, from images and captions to boxes.
#include <algorithm>
#include <cmath>
#include <limits>

#include "models/grounding_dino/grounding_dino.h"
#include "models/grounding_dino/image_features.h"
#include "models/grounding_dino/phrases.h"
#include "models/grounding_dino/proposals.h"
#include "reference/compare.h"
#include "reference/grounding_dino_config.h"
#include "reference/run_graph.h"
#include "reference/vocabulary.h"

namespace anomalyvlm::golden {
namespace {

namespace gdino = grounding_dino;
using Json = nlohmann::json;
using Tensors = WeightFile::Tensors;

constexpr std::int64_t kTextColumns = 256;  // of the authors' logits

// Images [3, h, w] as one batch: each at the top left, zeros elsewhere.
struct Batch {
  Tensor pixels;
  std::vector<Extent> sizes;
};

Batch read_batch(const GoldenCase& golden) {
  Batch batch;
  std::vector<Tensor> images;
  Extent most;
  for (std::string name = "image0"; golden.has_input(name); name = fmt::format("image{}", images.size())) {
    images.push_back(golden.input(name).to_f32());
    batch.sizes.push_back({images.back().dim(1), images.back().dim(2)});
    most = {std::max(most.height, batch.sizes.back().height), std::max(most.width, batch.sizes.back().width)};
  }
  batch.pixels = Tensor::zeros({static_cast<std::int64_t>(images.size()), 3, most.height, most.width});
  float* to = batch.pixels.mutable_floats().data();
  for (const Tensor& image : images)
    for (std::int64_t row = 0; row < 3 * most.height; ++row, to += most.width)
      if (row % most.height < image.dim(1))
        std::copy_n(
            image.floats().data() + (row / most.height * image.dim(1) + row % most.height) * image.dim(2),
            image.dim(2), to);
  return batch;
}

Tensor map_each(const Tensor& x, float (*f)(float)) {
  Tensor y = Tensor::zeros(x.shape());
  std::transform(x.floats().begin(), x.floats().end(), y.mutable_floats().begin(), f);
  return y;
}

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

// Tensors "NAMEi" from `first` on -> [n, ...].
Tensor stacked(const Tensors& tensors, const std::string& name, int count) {
  std::vector<float> values;
  Shape shape = tensors.at(name + "0").shape();
  shape.insert(shape.begin(), count);
  for (int i = 0; i < count; ++i) {
    const Tensor part = tensors.at(name + std::to_string(i));
    values.insert(values.end(), part.floats().begin(), part.floats().end());
  }
  return Tensor::from<float>(std::move(shape), std::move(values));
}

class GroundingDinoCase {
 public:
  GroundingDinoCase(const GoldenCase& golden, std::shared_ptr<const WeightFile> weights,
                    GoldenContext& context, Outputs& outputs)
      : golden_(golden),
        weights_(std::move(weights)),
        engine_(*context.engine()),
        out_(outputs),
        config_(read_grounding_dino_config(golden.info.at("config"))),
        tokenizer_(WordPieceTokenizer::load(find_vocabulary(golden))) {}

  void run() {
    check_names(*weights_, "Grounding DINO", gdino::expected_tensors(config_),
                gdino::ignorable_tensors(config_));
    const Tensor image = run_image();
    const gdino::TextInputs text = run_text();
    const Tensors encoded = run_encoder(image, text);
    const gdino::Selection selection = select(encoded);
    run_decoder(encoded, text, selection);
    const Json predictions = golden_.info.value("predict", Json::array());
    for (std::size_t i = 0; i < predictions.size(); ++i)
      check_prediction(fmt::format("predict.{}", i), predictions[i]);
  }

 private:
  Tensors run_graph(nn::CompileRequest graph, const std::vector<Tensor>& inputs) {
    GoldenCase with_weights = golden_;
    with_weights.weights = weights_;
    Tensors tensors = golden::run_graph(with_weights, engine_, std::move(graph), inputs);
    return tensors;
  }
  void give_wanted(const Tensors& tensors) {
    for (const auto& [name, value] : tensors)
      if (golden_.wants(name)) out_.give(name, value);
  }

  Tensor run_image() {
    const Batch batch = read_batch(golden_);
    const Extent input = {batch.pixels.dim(2), batch.pixels.dim(3)};
    levels_ = gdino::make_levels(gdino::map_sizes(config_, input), input, batch.sizes);
    const Tensors tensors = run_graph(gdino::image_graph(config_, batch.pixels.shape()), {batch.pixels});
    give_wanted(tensors);
    give_levels();
    return tensors.at("tokens");
  }

  void give_levels() {
    std::vector<std::int64_t> sizes;
    for (std::size_t i = 0; i < levels_.maps.size(); ++i) {
      sizes.insert(sizes.end(), {levels_.maps[i].height, levels_.maps[i].width});
      std::vector<std::uint8_t> mask;
      gdino::for_each_place(levels_, [&](std::size_t image, std::size_t map, std::int64_t y, std::int64_t x) {
        if (map == i) mask.push_back(levels_.belongs(image, map, y, x) ? 0 : 1);
      });
      out_.give(
          fmt::format("src_mask{}", i),
          Tensor::from({levels_.images(), levels_.maps[i].height, levels_.maps[i].width}, std::move(mask)));
    }
    out_.give("spatial_shapes",
              Tensor::from({static_cast<std::int64_t>(levels_.maps.size()), 2}, std::move(sizes)));
    out_.give("valid_ratios", gdino::valid_ratios(levels_));
  }

  gdino::TextInputs run_text() {
    const auto captions = golden_.info.at("captions").get<std::vector<std::string>>();
    tokens_ = gdino::tokenize_captions(tokenizer_, captions, config_.max_text);
    out_.give("input_ids", tokens_.ids);
    out_.give("attention_mask", tokens_.real);
    out_.give("text_self_attention_masks", tokens_.masks);
    out_.give("position_ids", tokens_.positions);
    const gdino::TextInputs inputs = gdino::make_text_inputs(config_, *weights_, tokens_, tokens_.length());
    const Tensors tensors =
        run_graph(gdino::text_graph(config_, shape()), {inputs.embeddings, inputs.bert_seen});
    out_.give("bert_last_hidden_state", tensors.at("bert"));
    out_.give("encoded_text", tensors.at("text"));
    return inputs;
  }

  gdino::TextShape shape() const { return {tokens_.batch(), tokens_.length()}; }

  Tensors run_encoder(const Tensor& image, const gdino::TextInputs& text) {
    Tensors tensors =
        run_graph(gdino::encoder_graph(config_, levels_, shape()),
                  {image, out_.tensors().at("encoded_text"), text.positions, text.phrases, text.seen});
    give_wanted(tensors);
    out_.give("proposal_logits", tensors.at("scores"));
    return tensors;
  }

  gdino::Selection select(const Tensors& encoded) {
    const Tensor &scores = encoded.at("scores"), valid = gdino::make_anchors(levels_).valid;
    gdino::Selection selection =
        gdino::select_proposals(levels_, encoded.at("memory"), scores, gdino::query_count(config_, levels_));
    std::vector<std::uint8_t> bytes;
    for (const float v : valid.floats()) bytes.push_back(v != 0 ? 1 : 0);
    out_.give("proposal_valid", Tensor::from(valid.shape(), std::move(bytes)));
    const Shape each = {levels_.images(), levels_.places(), 1};
    const Shape flat = {selection.anchors.dim(0), selection.anchors.dim(1)};
    out_.give("topk_logits", gdino::take_rows(scores.reshaped(each), selection.places).reshaped(flat));
    out_.give("init_box_proposal", map_each(selection.anchors, sigmoid));
    give_indices(selection, gdino::take_rows(valid.reshaped(each), selection.places), flat);
    return selection;
  }

  // Invalid proposals have all the same score, so that any of them may stand where the case has one.
  void give_indices(const gdino::Selection& selection, const Tensor& valid, const Shape& shape) {
    const Tensor* expected = golden_.expected->find("topk_indices");
    const bool fits = expected != nullptr && expected->shape() == shape;
    const Tensor all_valid = out_.tensors().at("proposal_valid");
    std::vector<std::int64_t> indices;
    for (std::size_t b = 0; b < selection.places.size(); ++b) {
      for (const std::int64_t place : selection.places[b]) {
        const std::size_t i = indices.size();
        const std::int64_t other = fits ? expected->values<std::int64_t>()[i] : place;
        const bool other_valid = other >= 0 && other < levels_.places() &&
                                 all_valid.values<std::uint8_t>()[b * levels_.places() + other] != 0;
        indices.push_back(valid.floats()[i] == 0 && !other_valid ? other : place);
      }
    }
    out_.give("topk_indices", Tensor::from(shape, std::move(indices)));
  }

  void run_decoder(const Tensors& encoded, const gdino::TextInputs& text, const gdino::Selection& selection) {
    const Tensors tensors = run_graph(
        gdino::decoder_graph(config_, levels_, shape()),
        {encoded.at("memory"), encoded.at("memory_text"), text.seen, selection.memory, selection.anchors});
    out_.give("topk_boxes_unsigmoid", tensors.at("topk_boxes_unsigmoid"));
    out_.give("topk_boxes", tensors.at("reference_0"));
    out_.give("hs", stacked(tensors, "hs_", config_.decoder_layers));
    out_.give("references", stacked(tensors, "reference_", config_.decoder_layers + 1));
    out_.give("pred_boxes", tensors.at("boxes"));
    logits_ = tensors.at("logits");
    give_logits(logits_);
  }

  // Columns of padding, and those behind the longest caption, are minus infinity.
  void give_logits(const Tensor& logits) {
    const std::int64_t queries = logits.dim(1), columns = logits.dim(2);
    std::vector<float> values;
    for (std::int64_t row = 0; row < logits.dim(0) * queries; ++row) {
      const auto real = tokens_.real.values<std::int64_t>().subspan(
          static_cast<std::size_t>(row / queries * columns), static_cast<std::size_t>(columns));
      for (std::int64_t i = 0; i < kTextColumns; ++i)
        values.push_back(i < columns && real[static_cast<std::size_t>(i)] != 0
                             ? logits.floats()[row * columns + i]
                             : -std::numeric_limits<float>::infinity());
    }
    out_.give("pred_logits", Tensor::from<float>({logits.dim(0), queries, kTextColumns}, std::move(values)));
  }

  // What the authors' predict() makes of the first image and its caption.
  void check_prediction(const std::string& name, const Json& expected) {
    const std::string caption = gdino::detector_caption(expected.at("caption").get<std::string>());
    if (tokens_.batch() != 1 ||
        tokenizer_.encode(caption).size() != static_cast<std::size_t>(tokens_.length()))
      throw NotSupported("a prediction of another caption than the case's");
    const Tensor boxes = out_.tensors().at("pred_boxes");
    const gdino::CaptionOutputs answer = {
        tokenizer_.tokens(tokens_.ids.values<std::int64_t>()), boxes.reshaped({boxes.dim(1), 4}),
        map_each(logits_, sigmoid).reshaped({logits_.dim(1), logits_.dim(2)})};
    Json queries = Json::array(), phrases = Json::array(), scores = Json::array(), places = Json::array();
    for (const gdino::PhraseBox& detection : gdino::read_phrase_boxes(
             answer,
             {expected.at("box_threshold").get<float>(), expected.at("text_threshold").get<float>(),
              expected.value("remove_combined", false)},
             1, 1)) {
      const float* box = boxes.floats().data() + 4 * detection.query;
      queries.push_back(detection.query);
      phrases.push_back(detection.phrase);
      scores.push_back(detection.score);
      places.push_back({box[0], box[1], box[2], box[3]});
    }
    equal(name + ".query_indices", queries, expected.at("query_indices"));
    equal(name + ".phrases", phrases, expected.at("phrases"));
    near(name + ".logits", scores, expected.at("logits"), "pred_logits");
    near(name + ".boxes", places, expected.at("boxes"), "pred_boxes");
  }

  // Numbers that case.json rounds to 7 digits, with the tolerance of a tensor.
  void near(const std::string& name, const Json& got, const Json& expected, const char* tensor) {
    const double allowed = golden_.info.at("tolerance").at(tensor).at("max_abs").get<double>() + 1e-7;
    const Json a = got.flatten(), b = expected.flatten();
    bool ok = a.size() == b.size();
    for (const auto& [at, value] : b.items())
      ok = ok && a.contains(at) && std::abs(a[at].get<double>() - value.get<double>()) <= allowed;
    out_.check(name, ok, ok ? "" : fmt::format("{} where {} is expected", got.dump(), expected.dump()));
  }

  void equal(const std::string& name, const Json& got, const Json& expected) {
    const bool ok = got == expected;
    out_.check(name, ok, ok ? "" : fmt::format("{} where {} is expected", got.dump(), expected.dump()));
  }

  const GoldenCase& golden_;
  std::shared_ptr<const WeightFile> weights_;
  nn::Engine& engine_;
  Outputs& out_;
  GroundingDinoConfig config_;
  WordPieceTokenizer tokenizer_;
  gdino::Levels levels_;
  gdino::TokenizedCaptions tokens_;
  Tensor logits_;
};

}  // namespace

void run_grounding_dino(const GoldenCase& golden, GoldenContext& context, Outputs& outputs) {
  GroundingDinoCase(golden, golden.weights, context, outputs).run();
  if (!std::filesystem::exists(golden.dir / "weights.pth")) return;
  // The same weights as the authors publish theirs.
  Outputs again;
  GroundingDinoCase(golden, golden.load("weights.pth"), context, again).run();
  for (const Row& row : compare_all(golden, again))
    outputs.check("weights.pth, " + row.name, row.ok, row.note);
}

}  // namespace anomalyvlm::golden
