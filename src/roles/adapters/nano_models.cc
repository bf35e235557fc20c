#include "roles/adapters/nano_models.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "image/resize.h"
#include "models/nano/unknown_words.h"
#include "regions/combine.h"
#include "regions/components.h"
#include "roles/reference_maps.h"

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

class NanoImage : public RegionProposer,
                  public MaskRefiner,
                  public SaliencyEstimator,
                  public ObjectFinder,
                  public ReferenceComparer {
 public:
  NanoImage(const nano::NanoModel& model, const Image& image, const StageOptions& options)
      : width_(image.width),
        height_(image.height),
        options_(options),
        model_(model),
        seen_(model.seen_size(image)) {
    if (options.references == nullptr) {
      maps_ = model.analyse(image);
    } else {
      compare_with_references(image);
    }
    raised_ = raised_by_saliency(maps_, options);
  }

  std::vector<std::vector<Proposal>> propose(std::span<const Caption> captions) override {
    std::vector<std::vector<Proposal>> all;
    for (const Caption& phrases : captions) all.push_back(proposals_for(phrases));
    return all;
  }

  void start_over() override {
    regions_.clear();
    notes_.clear();
  }

  std::vector<std::string> notes() const override { return notes_; }

  std::vector<Region> refine(std::span<const Proposal> proposals) override {
    std::vector<Region> regions;
    for (const Proposal& proposal : proposals) {
      AVLM_CHECK(proposal.id >= 0 && static_cast<std::size_t>(proposal.id) < regions_.size());
      regions.push_back(enlarged(regions_[static_cast<std::size_t>(proposal.id)].region.mask));
    }
    return regions;
  }

  FloatMap saliency(std::span<const InspectedObject>) override {
    return resize_linear(maps_.saliency, width_, height_);
  }

  FloatMap unlikeness() override { return resize_linear(references_->maps.of_usual, width_, height_); }

  std::vector<std::optional<ReferencePlace>> explain(std::span<const Proposal> proposals,
                                                     std::span<const Region>) override {
    std::vector<std::optional<ReferencePlace>> places;
    for (const Proposal& proposal : proposals) {
      AVLM_CHECK(proposal.id >= 0 && static_cast<std::size_t>(proposal.id) < regions_.size());
      const Proposed& proposed = regions_[static_cast<std::size_t>(proposal.id)];
      places.emplace_back();
      if (!proposed.explained) continue;
      const WatershedRegion& region = proposed.region;
      places.back() = most_alike(*options_.references, references_->scales,
                                 (region.peak_x + 0.5) / grid_width(), (region.peak_y + 0.5) / grid_height());
    }
    return places;
  }

  std::vector<InspectedObject> find(const std::string&, int count) override {
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

 private:
  struct Found {
    WatershedRegion region;
    nano::PhraseFit answer;
  };

  struct Proposed {
    WatershedRegion region;
    bool explained = false;  // by references
  };

  struct Compared {
    std::vector<GridComparison> scales;
    ReferenceMaps maps;
    FloatMap alone, raised_alone;  // what the model sees by itself
  };

  std::vector<Proposal> proposals_for(const Caption& phrases) {
    if (phrases.empty()) return {};
    note_what_is_lost();
    if (references_)
      if (auto text = note_on_fit(references_->maps)) note(std::move(*text));
    const nano::Question question = model_.understand(phrases);
    for (std::size_t i = 0; i < phrases.size(); ++i)
      if (!question.phrases[i].known) note_unknown(phrases[i]);
    std::vector<Found> all = found_in(raised_, maps_.defect, model_.config().regions, question);
    if (question.kinds && !question.any) add_hidden_kinds(question, all);
    std::vector<Proposal> proposals;
    for (Found& found : all) {
      const bool seen = !references_ || is_seen_alone(found.region);
      propose(std::move(found), maps_.defect, question,
              seen ? label(found.answer, question, phrases) : kUnlikeReferencesPhrase, false, proposals);
    }
    if (!references_) return proposals;
    for (Found& found :
         found_in(references_->raised_alone, references_->alone, model_.config().regions, question))
      if (is_explained(found.region))
        propose(std::move(found), references_->alone, question, label(found.answer, question, phrases), true,
                proposals);
    return proposals;
  }

  void propose(Found found, const FloatMap& defect, const nano::Question& question, std::string phrase,
               bool explained, std::vector<Proposal>& proposals) {
    proposals.push_back({.box = to_pixels(found.region.mask.rect()),
                         .score = defect.at(found.region.peak_x, found.region.peak_y),
                         .phrase = std::move(phrase),
                         .named = question.any ? 1 : found.answer.probability,
                         .id = static_cast<int>(regions_.size())});
    regions_.push_back({std::move(found.region), explained});
  }

  // Half of what the model sees: by itself of what it sees with references, and the other way round.
  bool is_seen_alone(const WatershedRegion& region) const {
    return references_->alone.at(region.peak_x, region.peak_y) >=
           0.5F * maps_.defect.at(region.peak_x, region.peak_y);
  }
  bool is_explained(const WatershedRegion& region) const {
    return maps_.defect.at(region.peak_x, region.peak_y) <
           0.5F * references_->alone.at(region.peak_x, region.peak_y);
  }

  void compare_with_references(const Image& image) {
    const nano::NanoModel::EncodedImage encoded = model_.encode(image);
    maps_ = model_.decode(encoded);
    Compared& compared = references_.emplace();
    compared.scales = options_.references->compare(grids_of(encoded, width_, height_));
    compared.maps = reference_maps(compared.scales, grid_width(), grid_height());
    compared.alone = maps_.defect;
    compared.raised_alone = raised_by_saliency(maps_, options_);
    maps_.defect = beside_references(maps_.defect, compared.maps);
    maps_.saliency = pooled_saliency(std::move(maps_.saliency), compared.maps.of_usual);
  }

  int grid_width() const { return maps_.defect.width; }
  int grid_height() const { return maps_.defect.height; }

  Box to_pixels(const PixelRect& cells) const {
    const float across = static_cast<float>(width_) / static_cast<float>(grid_width());
    const float down = static_cast<float>(height_) / static_cast<float>(grid_height());
    const Box box = to_box(cells);
    return {box.x0 * across, box.y0 * down, box.x1 * across, box.y1 * down};
  }

  Region enlarged(const Region& cells) const {
    return scaled(cells, grid_width(), grid_height(), width_, height_);
  }

  // Regions of a map. Each must be a defect, however well its kind fits the phrases.
  std::vector<Found> found_in(const FloatMap& map, const FloatMap& defect, const WatershedOptions& wanted,
                              const nano::Question& question) const {
    std::vector<Found> all;
    for (WatershedRegion& region : watershed(map, wanted)) {
      if (static_cast<double>(defect.at(region.peak_x, region.peak_y)) < options_.box_threshold) continue;
      const nano::PhraseFit answer = nano::NanoModel::answer(model_.embed(maps_, region.mask), question);
      all.push_back({std::move(region), answer});
    }
    return all;
  }

  // A kind may be hidden in the region of a stronger one that it touches. It shows when the map of defects is
  // weighted by how well each location fits the phrases: by the square root, since a single location rarely
  // determines its kind.
  void add_hidden_kinds(const nano::Question& question, std::vector<Found>& all) const {
    constexpr float kLeastFit = 0.0625F;
    constexpr double kSame = 0.5;
    const FloatMap fit = nano::NanoModel::probability_map(maps_, question);
    FloatMap map = raised_;
    for (std::size_t i = 0; i < map.values.size(); ++i) map.values[i] *= std::sqrt(fit.values[i]);
    WatershedOptions wanted = model_.config().regions;
    wanted.least_peak *= std::sqrt(kLeastFit);
    const std::size_t before = all.size();
    for (Found& part : found_in(map, maps_.defect, wanted, question)) {
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

  static std::string label(const nano::PhraseFit& answer, const nano::Question& question,
                           const Caption& phrases) {
    if (answer.probability >= kNamedAbove) return phrases[answer.phrase];
    return question.any ? phrases[*question.any] : kNotNamedPhrase;
  }

  void note_unknown(const std::string& phrase) {
    const std::string words = nano::unknown_words(model_.lexicon(), phrase);
    note(fmt::format("nano does not know {}: \"{}\" was taken as \"defect\".", words, phrase));
  }

  // Images, or tiles, that are far larger than what the network sees.
  void note_what_is_lost() {
    constexpr double kMuch = 2;      // the coarser scale has half the resolution anyway
    constexpr double kSmallest = 3;  // pixels across of what the network sees, to be found
    const double shrunk =
        std::max(static_cast<double>(width_) / seen_.width, static_cast<double>(height_) / seen_.height);
    if (shrunk <= kMuch) return;
    note(fmt::format(
        "{} x {} pixels are seen at {} x {}: defects of less than about {:.0f} pixels across are lost; "
        "use smaller tiles, for instance --tile 512.",
        width_, height_, seen_.width, seen_.height, std::ceil(kSmallest * shrunk)));
  }

  void note(std::string text) {
    if (std::find(notes_.begin(), notes_.end(), text) == notes_.end()) notes_.push_back(std::move(text));
  }

  int width_, height_;  // of the image
  StageOptions options_;
  const nano::NanoModel& model_;
  nano::NanoModel::Size seen_;  // at the finest scale
  nano::DenseMaps maps_;        // in the light of references, where there are some
  std::optional<Compared> references_;
  FloatMap raised_;                // the map of defects raised by the saliency
  std::vector<Proposed> regions_;  // by their ids
  std::vector<std::string> notes_;
};

}  // namespace

ImageRoles NanoModelSet::open(const Image& image, const StageOptions& options) const {
  const auto nano = std::make_shared<NanoImage>(*model_, image, options);
  return {nano, nano, nano, nano, options.references != nullptr ? nano : nullptr};
}

}  // namespace anomalyvlm
