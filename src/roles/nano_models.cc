#include "roles/nano_models.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "image/resize.h"
#include "models/nano/unknown_words.h"
#include "regions/combine.h"
#include "regions/components.h"

namespace anomalyvlm {
namespace {

constexpr float kObjectAbove = 0.5F;    // of the probability of belonging to the object
constexpr double kLeastObject = 0.005;  // share of the image; smaller things are no inspected objects

FloatMap raised_by_saliency(const nano::DenseMaps& maps, const StageOptions& options) {
  const auto gain = static_cast<float>(options.saliency_gain),
             usual = static_cast<float>(options.usual_saliency);
  FloatMap raised = maps.defect;
  for (std::size_t i = 0; i < raised.values.size(); ++i)
    raised.values[i] *= std::exp(gain * (maps.saliency.values[i] - usual));
  return raised;
}

class NanoSession : public ImageSession {
 public:
  NanoSession(const nano::NanoModel& model, const Image& image, const StageOptions& options)
      : ImageSession(image.width, image.height, options),
        model_(model),
        seen_(model.seen_size(image)),
        maps_(model.analyse(image)),
        raised_(raised_by_saliency(maps_, options)) {}

  std::vector<BoxCandidate> propose(std::span<const std::string> phrases) override {
    if (phrases.empty()) return {};
    note_what_is_lost();
    const nano::Question question = model_.understand(phrases);
    for (std::size_t i = 0; i < phrases.size(); ++i)
      if (!question.phrases[i].known) note_unknown(phrases[i]);
    std::vector<Found> all = found_in(raised_, model_.config().regions, question);
    if (question.kinds && !question.any) add_hidden_kinds(question, all);
    std::vector<BoxCandidate> candidates;
    for (Found& found : all) {
      candidates.push_back({.box = to_pixels(found.region.mask.rect()),
                            .score = maps_.defect.at(found.region.peak_x, found.region.peak_y),
                            .phrase = label(found.answer, question, phrases),
                            .named = question.any ? 1 : found.answer.probability,
                            .region = static_cast<int>(regions_.size())});
      regions_.push_back(std::move(found.region));
    }
    return candidates;
  }

  std::vector<Region> refine(std::span<const BoxCandidate> candidates) override {
    std::vector<Region> regions;
    for (const BoxCandidate& candidate : candidates) {
      const bool own = candidate.region >= 0 && static_cast<std::size_t>(candidate.region) < regions_.size();
      regions.push_back(
          enlarged(own ? regions_[static_cast<std::size_t>(candidate.region)].mask : inside(candidate.box)));
    }
    return regions;
  }

  FloatMap saliency(std::span<const InspectedObject>) override {
    return resize_linear(maps_.saliency, width(), height());
  }

  std::vector<InspectedObject> objects(const std::string&, int count) override {
    Mask above{grid_width(), grid_height(), {}};
    for (const float p : maps_.object.values) above.values.push_back(p > kObjectAbove ? 1 : 0);
    const auto least = static_cast<std::int64_t>(kLeastObject * static_cast<double>(above.values.size()));
    std::vector<InspectedObject> objects;
    for (const Region& part : largest_components(above, count, std::max<std::int64_t>(least, 1)))
      objects.push_back({.box = to_pixels(part.rect()),
                         .mask = enlarged(part).binarised(),
                         .score = mean_inside(maps_.object, part)});
    return objects;
  }

  void start_over() override {
    regions_.clear();
    notes_.clear();
  }

  std::vector<std::string> notes() const override { return notes_; }

 private:
  int grid_width() const { return maps_.defect.width; }
  int grid_height() const { return maps_.defect.height; }

  Box to_pixels(const PixelRect& cells) const {
    const float across = static_cast<float>(width()) / static_cast<float>(grid_width());
    const float down = static_cast<float>(height()) / static_cast<float>(grid_height());
    const Box box = to_box(cells);
    return {box.x0 * across, box.y0 * down, box.x1 * across, box.y1 * down};
  }

  Region enlarged(const Region& cells) const {
    return scaled(cells, grid_width(), grid_height(), width(), height());
  }

  // What the map of defects shows in a box, against its maximum there.
  Region inside(const Box& box) const {
    const float across = static_cast<float>(grid_width()) / static_cast<float>(width());
    const float down = static_cast<float>(grid_height()) / static_cast<float>(height());
    const auto cell = [](float at, int most) {
      return std::clamp(static_cast<int>(std::lround(at)), 0, most);
    };
    const int x0 = cell(box.x0 * across, grid_width()), x1 = cell(box.x1 * across, grid_width());
    const int y0 = cell(box.y0 * down, grid_height()), y1 = cell(box.y1 * down, grid_height());
    std::vector<float> values;
    for (int y = y0; y < y1; ++y)
      for (int x = x0; x < x1; ++x) values.push_back(maps_.defect.at(x, y));
    float highest = 1e-6F;
    for (const float value : values) highest = std::max(highest, value);
    for (float& value : values) value /= highest;
    return Region::soft({x0, y0, x1, y1}, std::move(values));
  }

  struct Found {
    WatershedRegion region;
    nano::Answer answer;
  };

  // Regions of a map. Whatever the phrases say of its kind, it has to be a defect.
  std::vector<Found> found_in(const FloatMap& map, const WatershedOptions& wanted,
                              const nano::Question& question) const {
    std::vector<Found> all;
    for (WatershedRegion& region : watershed(map, wanted)) {
      if (static_cast<double>(maps_.defect.at(region.peak_x, region.peak_y)) < options().box_threshold)
        continue;
      const nano::Answer answer = nano::NanoModel::answer(model_.embed(maps_, region.mask), question);
      all.push_back({std::move(region), answer});
    }
    return all;
  }

  // A kind may hide in the region of a stronger one that it touches. It shows where the map of defects is
  // lowered by how badly each place fits the phrases: by the root, for a place alone seldom tells its kind
  // for sure.
  void add_hidden_kinds(const nano::Question& question, std::vector<Found>& all) const {
    constexpr float kLeastFit = 0.0625F;
    constexpr double kSame = 0.5;
    const FloatMap fit = nano::NanoModel::probability_map(maps_, question);
    FloatMap map = raised_;
    for (std::size_t i = 0; i < map.values.size(); ++i) map.values[i] *= std::sqrt(fit.values[i]);
    WatershedOptions wanted = model_.config().regions;
    wanted.least_peak *= std::sqrt(kLeastFit);
    const std::size_t before = all.size();
    for (Found& part : found_in(map, wanted, question)) {
      if (part.answer.probability < kNamedAbove) continue;
      const auto end = all.begin() + static_cast<std::ptrdiff_t>(before);
      const auto same = std::find_if(all.begin(), end, [&](const Found& found) {
        return overlap(found.region.mask, part.region.mask) >= kSame;
      });
      if (same == end) {
        all.push_back(std::move(part));
      } else if (part.answer.probability > same->answer.probability) {
        same->answer = part.answer;
      }
    }
  }

  static std::string label(const nano::Answer& answer, const nano::Question& question,
                           std::span<const std::string> phrases) {
    if (answer.probability >= kNamedAbove) return phrases[answer.phrase];
    return question.any ? phrases[*question.any] : kNotNamedPhrase;
  }

  void note_unknown(const std::string& phrase) {
    const std::string words = nano::unknown_words(model_.lexicon(), phrase);
    note(fmt::format("nano does not know {}: \"{}\" was taken as \"defect\".", words, phrase));
  }

  // Images, or tiles, that are far larger than what the network sees.
  void note_what_is_lost() {
    constexpr double kMuch = 2;      // the coarser look is half as fine anyway
    constexpr double kSmallest = 3;  // pixels across of what the network sees, to be found
    const double shrunk =
        std::max(static_cast<double>(width()) / seen_.width, static_cast<double>(height()) / seen_.height);
    if (shrunk <= kMuch) return;
    note(fmt::format(
        "{} x {} pixels are seen at {} x {}: defects of less than about {:.0f} pixels across are lost; "
        "use smaller tiles, for instance --tile 512.",
        width(), height(), seen_.width, seen_.height, std::ceil(kSmallest * shrunk)));
  }

  void note(std::string text) {
    if (std::find(notes_.begin(), notes_.end(), text) == notes_.end()) notes_.push_back(std::move(text));
  }

  const nano::NanoModel& model_;
  nano::NanoModel::Size seen_;  // of the finest look
  nano::DenseMaps maps_;
  FloatMap raised_;                       // the map of defects raised by the saliency
  std::vector<WatershedRegion> regions_;  // all that were proposed
  std::vector<std::string> notes_;
};

}  // namespace

std::unique_ptr<ImageSession> NanoModelSet::open(const Image& image, const StageOptions& options) const {
  return std::make_unique<NanoSession>(*model_, image, options);
}

}  // namespace anomalyvlm
