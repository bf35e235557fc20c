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
    const Tensor pixels = resize_torch_bilinear(found, image.width, image.height);
    const auto phrases = static_cast<std::size_t>(pixels.dim(0)), count = pixels.floats().size() / phrases;
    DenseObservation seen;
    seen.map = {image.width, image.height, std::vector<float>(count)};
    seen.phrase = {image.width, image.height, std::vector<float>(count)};
    seen.evidence = {0, 0, static_cast<float>(image.width), static_cast<float>(image.height)};
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t p = 0; p < phrases; ++p) {
        const float value = pixels.floats()[p * count + i];
        if (!std::isfinite(value))
          fail(ErrorKind::kBadModel, "CLIPSeg: a probability is not a number; the weights are damaged.");
        if (p > 0 && value <= seen.map.values[i]) continue;
        seen.map.values[i] = value;
        seen.phrase.values[i] = static_cast<float>(p);
      }
    }
    seen.score = static_cast<double>(*std::max_element(seen.map.values.begin(), seen.map.values.end()));
    return seen;
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
