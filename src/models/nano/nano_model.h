#pragma once
// The embedded default: network, lexicon and weights together. From an image to dense maps, and from words to
// how well a location fits them.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anomalyvlm/image.h"
#include "models/nano/lexicon.h"
#include "models/nano/network.h"
#include "nn/programs.h"
#include "regions/watershed.h"

namespace anomalyvlm::nano {

struct NanoConfig {
  // Multi-scale inference: the network runs once per entry, on the image resized to about side^2 pixels;
  // results are averaged. Sides of the resized image are multiples of 32, and its shape is the image's up to
  // 4:1.
  std::vector<int> sides = {128, 256};
  WatershedOptions regions;
};

// All on one grid that covers the whole image (half the finest of the resized images).
struct DenseMaps {
  FloatMap defect;                  // probability of a defect of any kind, 0..1
  FloatMap saliency;                // Eq. 3, see Heads::saliency; 0..2, usually 0.3 to 0.7
  FloatMap object;                  // probability of belonging to the inspected object, 0..1
  std::vector<FloatMap> embedding;  // one map a component
};

// What a phrase means to the model.
struct PhraseMeaning {
  bool known = true;               // false: no word of it is known; it then means any defect
  bool any = false;                // names no kind of defect
  std::vector<float> vector;       // of the phrase
  std::vector<std::size_t> kinds;  // of the lexicon's families, which it names
};

// What several phrases ask for together.
struct Question {
  std::vector<PhraseMeaning> phrases;
  std::optional<std::size_t> any;          // the first of them that means any defect
  bool kinds = false;                      // one of them names a kind
  std::vector<std::vector<float>> rivals;  // vectors of the kinds of defect that none of them names
};

struct PhraseFit {
  double probability =
      1;  // that it is of a kind that the phrases name, rather than of another; 1 without kinds
  std::size_t phrase = 0;  // the one that fits best: of those that name kinds, unless there are none
};

class NanoModel {
 public:
  // Throws Error(kBadModel) when the weights do not fit.
  NanoModel(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
            nn::Precision precision, NanoConfig config = {});

  // The size of an image at one of its scales.
  struct Size {
    int width, height;
  };
  Size seen_size(const Image& image) const;  // at the finest

  // From several threads at once, as all of these. They throw Error(kBadModel) when damaged weights give no
  // numbers.
  DenseMaps analyse(const Image& image) const;

  // The same in two steps, for images that are compared with others: what is between can be kept, and decoded
  // more than once.
  struct EncodedScale {
    Size size;
    std::vector<Tensor> features;  // of encode() in network.h
    Tensor descriptors;            // [1, kDescriptorSize, H/8, W/8]
  };
  using EncodedImage = std::vector<EncodedScale>;  // for each of the config's sides
  EncodedImage encode(const Image& image) const;
  // `alarms` receives, for each scale, the largest probability of a defect in each of the descriptors' cells.
  DenseMaps decode(const EncodedImage& encoded, std::vector<FloatMap>* alarms = nullptr) const;

  // Mean embedding over a region of the grid, weighted by its values.
  std::vector<float> embed(const DenseMaps& maps, const Region& region) const;

  // Phrases that mean any defect have no part in the probability.
  Question understand(std::span<const std::string> phrases) const;
  static PhraseFit answer(std::span<const float> embedding, const Question& question);

  // The probability for each place of the grid by itself.
  static FloatMap probability_map(const DenseMaps& maps, const Question& question);

  const NanoConfig& config() const { return config_; }
  const WeightFile& weights() const { return *programs_.weights(); }
  const Lexicon& lexicon() const { return lexicon_; }

 private:
  enum class Part { kWhole, kEncoder, kDecoder };  // of the network
  static Size network_size(const Image& image, int side);
  std::shared_ptr<const nn::Program> program(Size size, Part part) const;
  std::vector<Tensor> run(Size size, Part part, const std::vector<Tensor>& inputs) const;
  PhraseMeaning meaning_of(std::string_view phrase) const;
  std::vector<float> phrase_vector(std::string_view phrase) const;

  nn::Precision precision_;
  NanoConfig config_;
  NetworkConfig network_;
  mutable nn::Programs programs_;
  Lexicon lexicon_;
  Tensor words_;  // [words, embedding]
};

}  // namespace anomalyvlm::nano
