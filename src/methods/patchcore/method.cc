#include "methods/patchcore/method.h"

#include <algorithm>
#include <utility>

#include "core/check.h"
#include "image/resize.h"
#include "methods/dense_method.h"
#include "methods/describe.h"
#include "references/bank.h"

namespace anomalyvlm::patchcore {
namespace {

TileOptions overlapping(TileOptions tiles, const Config& config) {
  const int cut_off = tiles.size * (config.shorter_side - config.input_side) / (2 * config.shorter_side) + 1;
  tiles.overlap = std::max(tiles.overlap, std::min(2 * cut_off, (tiles.size - 1) / 2));
  return tiles;
}

// A map of the square that the network sees, in the image's pixels; 0 beyond it.
FloatMap placed(const FloatMap& map, const Box& covered, const Image& image) {
  const auto first = [](float at) { return static_cast<int>(std::ceil(at - 0.5F)); };
  const PixelRect part =
      intersection({first(covered.x0), first(covered.y0), first(covered.x1), first(covered.y1)},
                   {0, 0, image.width, image.height});
  FloatMap whole{
      image.width, image.height,
      std::vector<float>(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height))};
  const FloatMap fitted = resize_linear(map, part.width(), part.height());
  for (int y = 0; y < fitted.height; ++y)
    for (int x = 0; x < fitted.width; ++x) whole.at(part.x0 + x, part.y0 + y) = fitted.at(x, y);
  return whole;
}

class PatchCoreMethod : public DenseMethod {
 public:
  PatchCoreMethod(std::shared_ptr<const Describer> describer, DenseMethodOptions options, ImageScore score)
      : DenseMethod(std::move(options)), describer_(std::move(describer)), score_(score) {}

  std::shared_ptr<const ImageDescriber> describer() const override { return describer_; }

  std::vector<DescribedPart> describe(const Image& image) const override {
    return described_in_parts(*describer_, image, method_options().tiles, method_options().resize);
  }

  CoresetOptions coreset() const override { return {}; }  // as published: a tenth

 private:
  DenseObservation look(const Image& image, const HybridPrompt&,
                        const DetectSettings& settings) const override {
    if (settings.references.empty())
      fail(ErrorKind::kBadInput,
           "The method patchcore compares images with good ones; give some as references (--references).");
    const Config& config = describer_->config();
    DescriptorGrid grid = std::move(describer_->describe(image).front());
    const RowPool& pool = settings.references.bank()->pool(0);
    const NearestRows found = nearest(pool, grid.vectors, config.neighbours);
    const std::vector<float> scores = patch_scores(found, config);
    const FloatMap map =
        anomaly_map(scores, {grid.height, grid.width}, {config.input_side, config.input_side}, config);
    float score = image_score(scores);
    if (score_ == ImageScore::kPaper)
      score = reweighted_score({&pool, 1}, {{grid.height, grid.width}, grid.size, std::move(grid.vectors)},
                               found, kNeighbourhood);
    return {.map = placed(map, grid.covered, image),
            .evidence = grid.covered,
            .score = static_cast<double>(score)};
  }

  std::shared_ptr<const Describer> describer_;
  ImageScore score_;
};

}  // namespace

std::unique_ptr<Method> method(std::shared_ptr<const Describer> describer, std::vector<LoadedModel> models,
                               const TileOptions& tiles, int resize, ImageScore score) {
  const TileOptions own = tiles.size > 0 ? overlapping(tiles, describer->config()) : tiles;
  return std::make_unique<PatchCoreMethod>(
      std::move(describer), DenseMethodOptions{"patchcore", std::move(models), own, resize}, score);
}

}  // namespace anomalyvlm::patchcore
