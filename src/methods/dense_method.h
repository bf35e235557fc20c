#pragma once
// What methods have in common that score each pixel of an image by itself, beside references or beside words:
// tiles, squashing, notes.
#include <memory>
#include <string>
#include <vector>

#include "methods/dense.h"
#include "methods/method.h"
#include "methods/tiles.h"

namespace anomalyvlm {

struct DenseObservation {
  // Of the image's size: the scores where there is evidence; 0 elsewhere, for instance beyond the square that
  // the network sees of a long image.
  FloatMap map;
  Box evidence;          // pixels of the image
  double score = 0;      // the image score
  FloatMap phrase = {};  // as DenseEvidence::phrase
  std::vector<std::string> notes = {};
};

struct DenseMethodOptions {
  std::string name;                 // the profile of its results: "utad"
  std::vector<LoadedModel> models;  // as Method::models()
  TileOptions tiles;                // each tile is seen as an image of its own
  int resize =
      0;  // the image or tile is first squashed to resize x resize, and the map enlarged; 0: it is not
  PromptWords words = PromptWords::kNone;  // that look() reads
};

class DenseMethod : public Method {
 public:
  explicit DenseMethod(DenseMethodOptions options);

  std::vector<LoadedModel> models() const override { return options_.models; }
  // Prompts of the same question share one map.
  std::vector<Evidence> observe(const Image& image, std::span<const HybridPrompt> prompts,
                                const DetectSettings& settings) const override;
  std::unique_ptr<Observer> open(const Image& image) const override { return observing_anew(image); }
  std::string question_of(const HybridPrompt& prompt) const override;

 protected:
  // Of an image or tile, already squashed.
  virtual DenseObservation look(const Image& image, const HybridPrompt& prompt,
                                const DetectSettings& settings) const = 0;
  const DenseMethodOptions& method_options() const { return options_; }

 private:
  DenseObservation look_squashed(const Image& image, const HybridPrompt& prompt,
                                 const DetectSettings& settings) const;
  Evidence nothing_yet(const Image& image) const;
  Evidence whole(const Image& image, const HybridPrompt& prompt, const DetectSettings& settings) const;
  Evidence in_tiles(const Image& image, const HybridPrompt& prompt, const DetectSettings& settings) const;

  DenseMethodOptions options_;
};

}  // namespace anomalyvlm
