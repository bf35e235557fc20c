#include "roles/compared_models.h"

#include <algorithm>

#include "core/check.h"
#include "image/resize.h"
#include "regions/combine.h"
#include "regions/watershed.h"
#include "roles/reference_maps.h"

namespace anomalyvlm {
namespace {

constexpr int kFirstOwn = 1 << 24;  // ids of the regions that are proposed here; models' are far below

class ComparedImage : public RegionProposer,
                      public MaskRefiner,
                      public SaliencyEstimator,
                      public ReferenceComparer {
 public:
  ComparedImage(ImageRoles models, const ImageDescriber& describer, const Image& image,
                const ReferencePool& references)
      : width_(image.width),
        height_(image.height),
        models_(std::move(models)),
        references_(references),
        scales_(references.compare(describer.describe(image))),
        maps_(reference_maps(scales_, scales_.back().width, scales_.back().height)) {}

  std::vector<std::vector<Proposal>> propose(std::span<const Caption> captions) override {
    std::vector<std::vector<Proposal>> all = models_.proposer->propose(captions);
    if (!all.empty() && unlike_.empty()) add_unlike(all.front());
    return all;
  }

  void start_over() override {
    models_.proposer->start_over();
    unlike_.clear();
  }

  std::vector<std::string> notes() const override {
    std::vector<std::string> notes = models_.proposer->notes();
    if (auto text = note_on_fit(maps_)) notes.push_back(std::move(*text));
    return notes;
  }

  std::vector<Region> refine(std::span<const Proposal> proposals) override {
    std::vector<Proposal> others;
    for (const Proposal& proposal : proposals)
      if (proposal.id < kFirstOwn) others.push_back(proposal);
    std::vector<Region> refined;
    if (!others.empty()) refined = models_.refiner->refine(others);
    std::vector<Region> regions;
    auto next = refined.begin();
    for (const Proposal& proposal : proposals)
      regions.push_back(proposal.id < kFirstOwn
                            ? std::move(*next++)
                            : unlike_.at(static_cast<std::size_t>(proposal.id - kFirstOwn)));
    return regions;
  }

  FloatMap saliency(std::span<const InspectedObject> objects) override {
    return pooled_saliency(models_.saliency->saliency(objects), maps_.of_usual);
  }

  FloatMap unlikeness() override { return resize_linear(maps_.of_usual, width_, height_); }

  std::vector<std::optional<ReferencePlace>> explain(std::span<const Proposal> proposals,
                                                     std::span<const Region> regions) override {
    const FloatMap of_high = resize_linear(maps_.of_high, width_, height_);
    std::vector<std::optional<ReferencePlace>> places;
    for (std::size_t i = 0; i < proposals.size(); ++i) {
      places.emplace_back();
      if (proposals[i].id >= kFirstOwn || !looks_the_same(of_high, regions[i])) continue;
      const PixelRect bounds = regions[i].bounds();
      places.back() = most_alike(references_, scales_, (bounds.x0 + bounds.x1) / 2.0 / width_,
                                 (bounds.y0 + bounds.y1) / 2.0 / height_);
    }
    return places;
  }

 private:
  // All but a few of its pixels are no further from the references than these are from each other.
  bool looks_the_same(const FloatMap& of_high, const Region& region) const {
    constexpr double kMost = 0.9;
    constexpr float kSame = 0.8F;
    std::size_t pixels = 0, same = 0;
    region.for_each_run([&](int y, int begin, int end) {
      for (int x = begin; x < end; ++x) {
        ++pixels;
        same += of_high.at(x, y) <= kSame;
      }
    });
    return pixels > 0 && static_cast<double>(same) >= kMost * static_cast<double>(pixels);
  }

  void add_unlike(std::vector<Proposal>& proposals) {
    FloatMap unlike = unlike_references(maps_);
    for (const WatershedRegion& found : watershed(unlike, {})) {
      Region mask = scaled(found.mask, unlike.width, unlike.height, width_, height_);
      proposals.push_back({.box = to_box(mask.bounds().empty() ? mask.rect() : mask.bounds()),
                           .score = static_cast<double>(found.peak),
                           .phrase = kUnlikeReferencesPhrase,
                           .named = 1,
                           .id = kFirstOwn + static_cast<int>(unlike_.size())});
      unlike_.push_back(std::move(mask));
    }
  }

  int width_, height_;  // of the image
  ImageRoles models_;
  const ReferencePool& references_;
  std::vector<GridComparison> scales_;
  ReferenceMaps maps_;
  std::vector<Region> unlike_;  // by their ids, from kFirstOwn
};

}  // namespace

std::shared_ptr<const ImageDescriber> ComparedModels::describer() const {
  const std::lock_guard lock(mutex_);
  if (describer_ == nullptr) describer_ = load_();
  return describer_;
}

ImageRoles ComparedModels::open(const Image& image, const StageOptions& options) const {
  ImageRoles roles = models_->open(image, options);
  if (options.references == nullptr) return roles;
  const auto objects = roles.objects;
  const auto compared =
      std::make_shared<ComparedImage>(std::move(roles), *describer(), image, *options.references);
  return {compared, compared, compared, objects, compared};
}

}  // namespace anomalyvlm
