#include "methods/clipseg/method.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/check.h"
#include "image/resize.h"
#include "methods/dense_method.h"

namespace anomalyvlm::clipseg {
namespace {

class ClipSegMethod : public DenseMethod {
 public:
  ClipSegMethod(std::shared_ptr<const PhraseSegmenter> segmenter, DenseMethodOptions options)
      : DenseMethod(std::move(options)), segmenter_(std::move(segmenter)) {}

 private:
  DenseObservation look(const Image& image, const HybridPrompt& prompt,
                        const DetectSettings&) const override {
    const Tensor found = segmenter_->probabilities(image, sought_phrases(prompt));
    const auto phrases = static_cast<std::size_t>(found.dim(0)),
               cells = static_cast<std::size_t>(found.dim(1) * found.dim(2));
    DenseObservation seen;
    seen.evidence = {0, 0, static_cast<float>(image.width), static_cast<float>(image.height)};
    for (std::size_t p = 0; p < phrases; ++p) {  // one after the other: a large image takes much memory
      const auto values = found.floats().subspan(p * cells, cells);
      const Tensor of_phrase =
          Tensor::from<float>({1, found.dim(1), found.dim(2)}, {values.begin(), values.end()});
      raise(resize_torch_bilinear(of_phrase, image.width, image.height), static_cast<float>(p), image, seen);
    }
    seen.score = static_cast<double>(*std::max_element(seen.map.values.begin(), seen.map.values.end()));
    return seen;
  }

  // The map is the highest of the phrases'.
  static void raise(const Tensor& pixels, float phrase, const Image& image, DenseObservation& seen) {
    if (seen.map.values.empty()) {
      seen.map = {image.width, image.height, std::vector<float>(pixels.floats().size(), -1.0F)};
      seen.phrase = {image.width, image.height, std::vector<float>(pixels.floats().size())};
    }
    for (std::size_t i = 0; i < seen.map.values.size(); ++i) {
      const float value = pixels.floats()[i];
      if (!std::isfinite(value))
        fail(ErrorKind::kBadModel, "CLIPSeg: a probability is not a number; the weights are damaged.");
      if (value <= seen.map.values[i]) continue;
      seen.map.values[i] = value;
      seen.phrase.values[i] = phrase;
    }
  }

  std::shared_ptr<const PhraseSegmenter> segmenter_;
};

}  // namespace

std::unique_ptr<Method> method(std::shared_ptr<const PhraseSegmenter> segmenter,
                               std::vector<LoadedModel> models, const TileOptions& tiles, int resize) {
  return std::make_unique<ClipSegMethod>(
      std::move(segmenter),
      DenseMethodOptions{"clipseg", std::move(models), tiles, resize, PromptWords::kPhrases});
}

}  // namespace anomalyvlm::clipseg
