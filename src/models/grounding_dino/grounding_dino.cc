#include "models/grounding_dino/grounding_dino.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "models/grounding_dino/image_features.h"
#include "models/grounding_dino/phrases.h"
#include "models/grounding_dino/proposals.h"

namespace anomalyvlm::grounding_dino {
namespace {

constexpr std::size_t kKeptTexts = 256;
// One for the image; for each of the five lengths of texts, the text graph, the encoder and the decoder.
constexpr std::size_t kKeptPrograms = 16;

// Tensors [1, ...] of one shape -> [n, ...].
Tensor stacked(const std::vector<const Tensor*>& parts) {
  if (parts.size() == 1) return *parts.front();
  Shape shape = parts.front()->shape();
  shape[0] = static_cast<std::int64_t>(parts.size());
  std::vector<float> values;
  for (const Tensor* part : parts) values.insert(values.end(), part->floats().begin(), part->floats().end());
  return Tensor::from<float>(std::move(shape), std::move(values));
}

// Runs a stage and adds its time to `timings`, if given.
template <typename Stage>
auto timed(Timings* timings, const char* name, Stage&& stage) {
  std::optional<Timings::Scope> scope;
  if (timings != nullptr) scope.emplace(*timings, name);
  return stage();
}

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

// Item b of logits [B, Q, T] and boxes [B, Q, 4]; without the columns that are padding.
CaptionOutputs answer_of(const Tensor& logits, const Tensor& boxes, std::int64_t b,
                         std::vector<std::string> tokens) {
  const std::int64_t queries = logits.dim(1), columns = logits.dim(2);
  const auto count = static_cast<std::int64_t>(tokens.size());
  std::vector<float> scores;
  for (std::int64_t q = 0; q < queries; ++q) {
    const float* row = logits.floats().data() + (b * queries + q) * columns;
    std::transform(row, row + count, std::back_inserter(scores), sigmoid);
  }
  const float* first = boxes.floats().data() + b * queries * 4;
  const auto is_number = [](float value) { return std::isfinite(value); };
  if (!std::all_of(scores.begin(), scores.end(), is_number) ||
      !std::all_of(first, first + queries * 4, is_number))
    fail(ErrorKind::kBadModel,
         "The weights of the region generator give scores or boxes that are not numbers; the file is "
         "damaged.");
  return {std::move(tokens),
          Tensor::from<float>({queries, 4}, std::vector<float>(first, first + queries * 4)),
          Tensor::from<float>({queries, count}, std::move(scores))};
}

}  // namespace

Box in_pixels(const float* cxcywh, int width, int height) {
  const auto across = static_cast<float>(width), down = static_cast<float>(height);
  const float w = cxcywh[2] * across, h = cxcywh[3] * down;
  const float x0 = cxcywh[0] * across - w / 2, y0 = cxcywh[1] * down - h / 2;
  return {x0, y0, x0 + w, y0 + h};
}

std::vector<PhraseBox> read_phrase_boxes(const CaptionOutputs& answer, const Thresholds& thresholds,
                                         int width, int height) {
  const auto tokens = answer.tokens.size();
  std::vector<PhraseBox> found;
  for (std::int64_t q = 0; q < answer.boxes.dim(0); ++q) {
    const std::span<const float> scores =
        answer.scores.floats().subspan(static_cast<std::size_t>(q) * tokens, tokens);
    const float best = *std::max_element(scores.begin(), scores.end());
    if (!(best > thresholds.box)) continue;
    found.push_back({in_pixels(answer.boxes.floats().data() + 4 * q, width, height), best,
                     detected_phrase(scores, answer.tokens, thresholds.text, thresholds.remove_combined), q});
  }
  return found;
}

GroundingDino::GroundingDino(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
                             nn::Precision precision, GroundingDinoConfig config,
                             WordPieceTokenizer tokenizer)
    : precision_(precision),
      config_(std::move(config)),
      tokenizer_(std::move(tokenizer)),
      programs_(std::move(weights), std::move(engine), kKeptPrograms),
      texts_(kKeptTexts) {
  check_names(*programs_.weights(), "Grounding DINO", expected_tensors(config_), ignorable_tensors(config_));
  if (tokenizer_.size() > config_.text.vocabulary)
    fail(ErrorKind::kBadModel, "The vocabulary has {} tokens, but {} knows only {}.", tokenizer_.size(),
         programs_.weights()->source(), config_.text.vocabulary);
}

ImageFeatures GroundingDino::open(const Image& image, Timings* timings) const {
  return open(timed(timings, "input", [&] { return image_input(config_.input, image); }), timings);
}

ImageFeatures GroundingDino::open(const Tensor& normalised, Timings* timings) const {
  return timed(timings, "image", [&]() -> ImageFeatures {
    const Extent input = {normalised.dim(2), normalised.dim(3)};
    const auto program = programs_.get(image_graph(config_, normalised.shape()), precision_);
    return {program->run({normalised})[0], make_levels(map_sizes(config_, input), input, {input})};
  });
}

std::vector<CaptionOutputs> GroundingDino::detect(const ImageFeatures& image,
                                                  std::span<const std::string> captions, std::size_t at_once,
                                                  Timings* timings) const {
  const Texts texts = timed(timings, "text", [&] { return texts_of(captions); });
  std::map<std::int64_t, std::vector<std::size_t>> by_length;  // captions by their padded length
  for (std::size_t i = 0; i < texts.size(); ++i) by_length[texts[i]->length()].push_back(i);
  std::vector<CaptionOutputs> answers(captions.size());
  for (const auto& [length, indices] : by_length) {
    for (std::size_t done = 0, taken = 0; done < indices.size(); done += taken) {
      taken = std::min(std::max<std::size_t>(at_once, 1), indices.size() - done);
      Texts group;
      for (std::size_t i = 0; i < taken; ++i) group.push_back(texts[indices[done + i]]);
      std::vector<CaptionOutputs> some = detect_same_length(image, group, timings);
      for (std::size_t i = 0; i < taken; ++i) answers[indices[done + i]] = std::move(some[i]);
    }
  }
  return answers;
}

GroundingDino::Texts GroundingDino::texts_of(std::span<const std::string> captions) const {
  Texts texts;
  // BERT is half of the weights, and most users ask the same captions of all images: its graph is dropped
  // after use, and only kept if new captions keep coming.
  constexpr int kDropped = 2;
  std::map<std::int64_t, std::shared_ptr<const nn::Program>> readers;
  const std::lock_guard lock(mutex_);
  for (const std::string& given : captions) {
    const std::string caption = detector_caption(given);
    std::shared_ptr<const Text> text = texts_.find(caption);
    if (!text) {
      const TokenizedCaptions tokens =
          tokenize_captions(tokenizer_, std::span(&caption, 1), config_.max_text);
      const std::int64_t length = padded_length(config_, tokens.length());
      std::shared_ptr<const nn::Program>& reader = readers[length];
      // In float32 always: all images depend on it.
      if (!reader) {
        const bool drop = times_read_ < kDropped;
        nn::CompileRequest graph = text_graph(config_, {1, length});
        reader = drop ? programs_.make(std::move(graph), nn::Precision::kF32)
                      : programs_.get(std::move(graph), nn::Precision::kF32);
      }
      text = std::make_shared<const Text>(read(tokens, length, *reader));
      texts_.add(caption, text);
    }
    texts.push_back(std::move(text));
  }
  if (!readers.empty()) ++times_read_;
  return texts;
}

GroundingDino::Text GroundingDino::read(const TokenizedCaptions& caption, std::int64_t length,
                                        const nn::Program& reader) const {
  const TextInputs inputs = make_text_inputs(config_, *programs_.weights(), caption, length);
  Text text;
  text.tokens = tokenizer_.tokens(caption.ids.values<std::int64_t>());
  text.features = reader.run({inputs.embeddings, inputs.bert_seen})[0];
  text.positions = inputs.positions;
  text.phrases = inputs.phrases;
  text.seen = inputs.seen;
  return text;
}

std::vector<CaptionOutputs> GroundingDino::detect_same_length(const ImageFeatures& image, const Texts& texts,
                                                              Timings* timings) const {
  const auto all = [&](Tensor Text::*part) {
    std::vector<const Tensor*> parts;
    for (const auto& text : texts) parts.push_back(&((*text).*part));
    return stacked(parts);
  };
  const TextShape shape = {static_cast<std::int64_t>(texts.size()), texts.front()->length()};
  const Tensor seen = all(&Text::seen);
  const std::vector<Tensor> encoded = timed(timings, "encoder", [&] {
    return programs_.get(encoder_graph(config_, image.levels, shape), precision_)
        ->run({image.tokens, all(&Text::features), all(&Text::positions), all(&Text::phrases), seen});
  });
  const Selection selection = timed(timings, "selection", [&] {
    return select_proposals(image.levels, encoded[0], encoded[2], query_count(config_, image.levels));
  });
  const std::vector<Tensor> decoded = timed(timings, "decoder", [&] {
    // Boxes are computed in float32 always: bfloat16 cannot tell pixels apart.
    return programs_.get(decoder_graph(config_, image.levels, shape), nn::Precision::kF32)
        ->run({encoded[0], encoded[1], seen, selection.memory, selection.anchors});
  });
  std::vector<CaptionOutputs> answers;
  for (std::size_t i = 0; i < texts.size(); ++i)
    answers.push_back(answer_of(decoded[0], decoded[1], static_cast<std::int64_t>(i), texts[i]->tokens));
  return answers;
}

}  // namespace anomalyvlm::grounding_dino
