#include "methods/utad/method.h"

#include <algorithm>
#include <utility>

#include "methods/dense_method.h"

namespace anomalyvlm::utad {
namespace {

// So that what one tile crops at its border is covered by the next one.
TileOptions overlapping(TileOptions tiles, const Config& config) {
  const int cut_off = (tiles.size * config.crop + config.input_side - 1) / config.input_side;
  tiles.overlap = std::max(tiles.overlap, std::min(2 * cut_off, (tiles.size - 1) / 2));
  return tiles;
}

class UtadMethod : public DenseMethod {
 public:
  UtadMethod(Utad utad, DenseMethodOptions options)
      : DenseMethod(std::move(options)), utad_(std::move(utad)) {}

 private:
  DenseObservation look(const Image& image, const HybridPrompt&, const DetectSettings&) const override {
    return utad_.observe(image);
  }

  Utad utad_;
};

}  // namespace

std::unique_ptr<Method> method(Utad utad, std::vector<LoadedModel> models, const TileOptions& tiles,
                               int resize) {
  return std::make_unique<UtadMethod>(
      std::move(utad), DenseMethodOptions{"utad", std::move(models), overlapping(tiles, {}), resize});
}

}  // namespace anomalyvlm::utad
