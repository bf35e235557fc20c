#pragma once
// Captions to boxes, over one image whose features are computed once.
#include <mutex>
#include <span>

#include "anomalyvlm/image.h"
#include "core/timings.h"
#include "models/grounding_dino/graphs.h"
#include "models/grounding_dino/text_inputs.h"
#include "nn/programs.h"

namespace anomalyvlm::grounding_dino {

struct ImageFeatures {
  Tensor tokens;  // [1, places, channels]
  Levels levels;
};

// What one caption found: the boxes of all queries, most of which mean nothing.
struct CaptionOutputs {
  std::vector<std::string> tokens;  // of the caption, "[CLS]" and "[SEP]" included
  Tensor boxes;                     // [queries, 4]: center x and y, width, height as shares of the image
  Tensor scores;                    // [queries, tokens], 0 .. 1: how well a box fits a token
};

struct PhraseBox {
  Box box;      // in pixels of an image of the given size
  float score;  // of the best token
  std::string phrase;
  std::int64_t query;
};

// From center and size as shares of an image, as the authors compute it.
Box in_pixels(const float* cxcywh, int width, int height);

struct Thresholds {
  float box = 0.1F;              // the best token's score must be above it
  float text = 0.1F;             // tokens whose score is above it make up the phrase
  bool remove_combined = false;  // only tokens of the best one's phrase, so that phrases are not mixed
};

// The boxes above the threshold, in the order of the queries, with their phrases.
std::vector<PhraseBox> read_phrase_boxes(const CaptionOutputs& answer, const Thresholds& thresholds,
                                         int width, int height);

// Const after making: usable from several threads at once.
class GroundingDino {
 public:
  // `precision` is that of the image and the encoder; captions and boxes are computed in float32. Throws
  // Error(kBadModel) listing all weights that are missing, misshapen or unknown, and for a vocabulary that is
  // larger than the model's.
  GroundingDino(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
                nn::Precision precision, GroundingDinoConfig config, WordPieceTokenizer tokenizer);

  // The image is scaled as image_input() does; `normalised` [1, 3, H, W] is taken as it is. `timings`, if
  // given, receives the stages of both and of detect(): "input", "image", "text", "encoder", "selection",
  // "decoder".
  ImageFeatures open(const Image& image, Timings* timings = nullptr) const;
  ImageFeatures open(const Tensor& normalised, Timings* timings = nullptr) const;

  // An answer to each caption, as detector_caption() makes it of the given text; each is read as if it were
  // alone. What a text becomes is kept for the next image.
  // At most so many captions of about the same length go through the graphs at once. More at once take more
  // memory and, on CPUs, no less time: the image's thousands of tokens fill all threads already.
  std::vector<CaptionOutputs> detect(const ImageFeatures& image, std::span<const std::string> captions,
                                     std::size_t at_once = 1, Timings* timings = nullptr) const;

  // The phrases as the texts of as many captions as they need; see pack_captions().
  std::vector<std::string> captions_for(std::span<const std::string> phrases) const {
    return pack_captions(tokenizer_, phrases, config_.max_text);
  }

  const GroundingDinoConfig& config() const { return config_; }

 private:
  struct Text {
    std::vector<std::string> tokens;
    Tensor features, positions, phrases, seen;  // of a batch of 1, as the encoder takes them
    std::int64_t length() const { return features.dim(1); }
  };
  using Texts = std::vector<std::shared_ptr<const Text>>;

  Texts texts_of(std::span<const std::string> captions) const;
  Text read(const TokenizedCaptions& caption, std::int64_t length, const nn::Program& reader) const;
  std::vector<CaptionOutputs> detect_same_length(const ImageFeatures& image, const Texts& texts,
                                                 Timings* timings) const;

  nn::Precision precision_;
  GroundingDinoConfig config_;
  WordPieceTokenizer tokenizer_;
  mutable nn::Programs programs_;
  mutable std::mutex mutex_;
  mutable LruCache<Text> texts_;
  mutable int times_read_ = 0;  // how often detect() was asked unknown captions
};

}  // namespace anomalyvlm::grounding_dino
