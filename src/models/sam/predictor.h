#pragma once
// Boxes, points and rough masks to masks, over one image whose embedding is computed once.
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "anomalyvlm/region.h"
#include "models/sam/graphs.h"
#include "nn/programs.h"

namespace anomalyvlm::sam {

struct Point {
  float x = 0, y = 0;            // pixels of the image
  PointKind kind = kForeground;  // or kBackground: it must not belong to the mask
};

// What is to be cut out; at least one of the three must be there.
struct Prompt {
  std::optional<Box> box;  // pixels of the image
  std::vector<Point> points;
  Tensor mask;  // [4 h, 4 w], the logits of an earlier answer; may be undefined
};

struct Embedding {
  Tensor features;         // [1, channels, h, w]
  PixelSize image, input;  // the image's own size, and its size within the network's square

  Point in_network(const Point& of_image) const;
};

// The answer to one prompt: a single mask, or several when the prompt may be ambiguous.
struct MaskLogits {
  Tensor logits;               // [M, 4 h, 4 w] over the network's square
  std::vector<float> quality;  // of each, the predicted intersection over union with the true mask
};

// Logits [..., 4 h, 4 w] over a square of `side` pixels, of which the image takes `input`, at the image's own
// size: bilinear to the square, cut to the input, bilinear to [..., image.height, image.width].
Tensor enlarge(const Tensor& logits, std::int64_t side, PixelSize input, PixelSize image);

// Const after making: usable from several threads at once.
class Predictor {
 public:
  // Throws Error(kBadModel) listing all weights that are missing, misshapen or unknown.
  Predictor(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
            nn::Precision precision, SamConfig config);

  // The image as the network sees it: the longest side is image_size (Pillow's bilinear), the rest of the
  // square is 0 after normalising.
  Image fit(const Image& image) const;
  Tensor normalise(const Image& fitted) const;  // [1, 3, image_size, image_size]
  Embedding embed(const Image& image) const;    // both, and the encoder

  // Answers in the prompts' order. With `several`, multimask_outputs masks each instead of one. Throws
  // Error(kBadInput) for a prompt of nothing, or a mask of another size.
  std::vector<MaskLogits> predict(const Embedding& embedding, std::span<const Prompt> prompts,
                                  bool several = false) const;

  // The answer in pixels of the image, binary: where the logits are above mask_threshold.
  std::vector<Region> regions(const Embedding& embedding, const MaskLogits& answer) const;

  const SamConfig& config() const { return config_; }

 private:
  PixelSize square() const { return {config_.image_size(), config_.image_size()}; }
  PixelSize grid() const { return {config_.grid_size(), config_.grid_size()}; }
  std::vector<MaskLogits> predict_same_shape(const Embedding& embedding, const PromptShape& shape,
                                             std::span<const Prompt* const> prompts, bool several) const;
  std::vector<Tensor> prompt_inputs(const Embedding& embedding, const PromptShape& shape,
                                    std::span<const Prompt* const> prompts) const;
  nn::Precision precision_;
  SamConfig config_;
  mutable nn::Programs programs_;
};

}  // namespace anomalyvlm::sam
