#include "roles/squashed_roles.h"

#include "image/resize.h"
#include "regions/combine.h"

namespace anomalyvlm {
namespace {

class SquashedImage : public RegionProposer,
                      public MaskRefiner,
                      public SaliencyEstimator,
                      public ObjectFinder,
                      public ReferenceComparer {
 public:
  SquashedImage(const ModelSet& models, const Image& image, int side, const StageOptions& options)
      : width_(image.width),
        height_(image.height),
        side_(side),
        across_(static_cast<float>(image.width) / static_cast<float>(side)),
        down_(static_cast<float>(image.height) / static_cast<float>(side)),
        small_(resize_pil_bilinear(image, side, side)),
        inner_(models.open(small_, options)) {}

  std::vector<std::vector<Proposal>> propose(std::span<const Caption> captions) override {
    std::vector<std::vector<Proposal>> all = inner_.proposer->propose(captions);
    for (std::vector<Proposal>& proposals : all)
      for (Proposal& proposal : proposals) proposal.box = enlarged(proposal.box);
    return all;
  }

  void start_over() override { inner_.proposer->start_over(); }

  std::vector<std::string> notes() const override { return inner_.proposer->notes(); }

  std::vector<Region> refine(std::span<const Proposal> proposals) override {
    std::vector<Proposal> small(proposals.begin(), proposals.end());
    for (Proposal& proposal : small) proposal.box = reduced(proposal.box);
    std::vector<Region> regions = inner_.refiner->refine(small);
    for (Region& region : regions) region = scaled(region, side_, side_, width_, height_);
    return regions;
  }

  FloatMap saliency(std::span<const InspectedObject> objects) override {
    std::vector<InspectedObject> small;
    for (const InspectedObject& object : objects) {
      small.push_back({.box = reduced(object.box), .mask = {}, .score = object.score});
      if (!object.mask.empty())
        small.back().mask =
            Region::binary(resize_nearest(to_mask(object.mask, width_, height_), side_, side_));
    }
    return resize_linear(inner_.saliency->saliency(small), width_, height_);
  }

  FloatMap unlikeness() override { return resize_linear(inner_.references->unlikeness(), width_, height_); }

  std::vector<std::optional<ReferencePlace>> explain(std::span<const Proposal> proposals,
                                                     std::span<const Region> regions) override {
    std::vector<Proposal> small(proposals.begin(), proposals.end());
    for (Proposal& proposal : small) proposal.box = reduced(proposal.box);
    std::vector<Region> small_regions;
    for (const Region& region : regions)
      small_regions.push_back(scaled(region, width_, height_, side_, side_));
    return inner_.references->explain(small, small_regions);
  }
  bool compares() const { return inner_.references != nullptr; }

  std::vector<InspectedObject> find(const std::string& name, int count) override {
    std::vector<InspectedObject> objects = inner_.objects->find(name, count);
    for (InspectedObject& object : objects) {
      object.box = enlarged(object.box);
      object.mask = scaled(object.mask, side_, side_, width_, height_).binarised();
    }
    return objects;
  }

 private:
  Box enlarged(const Box& b) const { return {b.x0 * across_, b.y0 * down_, b.x1 * across_, b.y1 * down_}; }
  Box reduced(const Box& b) const { return {b.x0 / across_, b.y0 / down_, b.x1 / across_, b.y1 / down_}; }

  int width_, height_;  // of the image
  int side_;
  float across_, down_;  // pixels of the image per pixel of the square
  Image small_;
  ImageRoles inner_;
};

}  // namespace

ImageRoles open_squashed(const ModelSet& models, const Image& image, int side, const StageOptions& options) {
  const auto squashed = std::make_shared<SquashedImage>(models, image, side, options);
  return {squashed, squashed, squashed, squashed, squashed->compares() ? squashed : nullptr};
}

}  // namespace anomalyvlm
