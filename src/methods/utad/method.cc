#include "methods/utad/method.h"

#include <algorithm>
#include <utility>

#include "core/check.h"
#include "image/resize.h"
#include "methods/content.h"
#include "methods/dense.h"
#include "roles/stage_clock.h"

namespace anomalyvlm::utad {
namespace {

// So that what one tile crops at its border is covered by the next one.
TileOptions overlapping(TileOptions tiles, const Config& config) {
  const int cut_off = (tiles.size * config.crop + config.input_side - 1) / config.input_side;
  tiles.overlap = std::max(tiles.overlap, std::min(2 * cut_off, (tiles.size - 1) / 2));
  return tiles;
}

class UtadMethod : public Method {
 public:
  UtadMethod(Utad utad, std::vector<std::string> models, const TileOptions& tiles, int resize)
      : Method(std::make_shared<const DenseJudge>()),
        utad_(std::move(utad)),
        models_(std::move(models)),
        tiles_(overlapping(tiles, {})),
        resize_(resize) {}

  std::vector<std::string> models() const override { return models_; }

  // It takes no words, so that all prompts share one map.
  std::vector<Evidence> observe(const Image& image, std::span<const HybridPrompt> prompts,
                                const DetectSettings& settings) const override {
    const Evidence evidence =
        needs_tiles(image.width, image.height, tiles_) ? in_tiles(image, settings) : whole(image, settings);
    return std::vector<Evidence>(prompts.size(), evidence);
  }

  std::unique_ptr<Observer> open(const Image& image) const override { return observing_anew(image); }

  std::string question_of(const HybridPrompt&) const override { return {}; }

 private:
  // Of an image or tile, which is squashed first if so chosen.
  Observation observation_of(const Image& image) const {
    if (resize_ == 0) return utad_.observe(image);
    Observation seen = utad_.observe(resize_pil_bilinear(image, resize_, resize_));
    seen.map = resize_linear(seen.map, image.width, image.height);
    const float across = static_cast<float>(image.width) / static_cast<float>(resize_),
                down = static_cast<float>(image.height) / static_cast<float>(resize_);
    seen.evidence = {seen.evidence.x0 * across, seen.evidence.y0 * down, seen.evidence.x1 * across,
                     seen.evidence.y1 * down};
    return seen;
  }

  Evidence nothing_yet(const Image& image) const {
    Evidence evidence;
    evidence.width = image.width;
    evidence.height = image.height;
    evidence.objects = {InspectedObject::whole_image(image.width, image.height)};
    evidence.models = models_;
    evidence.profile = "utad";
    evidence.resize = resize_;
    if (const auto note = content_note(image)) evidence.notes.push_back(*note);
    return evidence;
  }

  Evidence whole(const Image& image, const DetectSettings& settings) const {
    StageClock timed(settings);
    timed.tell(0, 1);
    Observation seen = timed("observe", [&] { return observation_of(image); });
    timed.tell(1, 1);
    Evidence evidence = nothing_yet(image);
    evidence.notes.insert(evidence.notes.end(), seen.notes.begin(), seen.notes.end());
    const double known = static_cast<double>(seen.evidence.area()) / image.width / image.height;
    evidence.notes.push_back(fmt::format(
        "UTAD judges a centred square without its border, {:.0f} % of this image; tiles (--tile) cover more.",
        100 * known));
    evidence.found = DenseEvidence{std::move(seen.map), seen.score};
    evidence.timings = timed.times();
    return evidence;
  }

  Evidence in_tiles(const Image& image, const DetectSettings& settings) const {
    StageClock timed(settings);
    const std::vector<Tile> tiles = cut(image.width, image.height, tiles_);
    Evidence evidence = nothing_yet(image);
    DenseEvidence dense{{image.width, image.height, std::vector<float>(image.rgb.size() / 3)}, 0};
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      timed.tell(t, tiles.size());
      const Observation seen = timed("observe", [&] { return observation_of(crop(image, tiles[t].seen)); });
      paste(seen.map, tiles[t], dense.map);
      dense.score = std::max(dense.score, seen.score);
      for (const std::string& note : seen.notes)
        if (std::find(evidence.notes.begin(), evidence.notes.end(), note) == evidence.notes.end())
          evidence.notes.push_back(note);
    }
    timed.tell(tiles.size(), tiles.size());
    evidence.found = std::move(dense);
    evidence.timings = timed.times();
    evidence.tile = tiles_.size;
    evidence.tile_overlap = tiles_.overlap;
    return evidence;
  }

  Utad utad_;
  std::vector<std::string> models_;
  TileOptions tiles_;
  int resize_;
};

}  // namespace

std::unique_ptr<Method> method(Utad utad, std::vector<std::string> models, const TileOptions& tiles,
                               int resize) {
  return std::make_unique<UtadMethod>(std::move(utad), std::move(models), tiles, resize);
}

}  // namespace anomalyvlm::utad
