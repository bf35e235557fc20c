#include "roles/squashed_session.h"

#include "image/resize.h"
#include "regions/combine.h"

namespace anomalyvlm {
namespace {

class SquashedSession : public ImageSession {
 public:
  SquashedSession(const ModelSet& models, const Image& image, int side, const StageOptions& options)
      : ImageSession(image.width, image.height, options),
        side_(side),
        across_(static_cast<float>(image.width) / static_cast<float>(side)),
        down_(static_cast<float>(image.height) / static_cast<float>(side)),
        small_(resize_pil_bilinear(image, side, side)),
        inner_(models.open(small_, options)) {}

  std::vector<BoxCandidate> propose(std::span<const std::string> phrases) override {
    const std::vector<std::string> caption(phrases.begin(), phrases.end());
    return propose_each({&caption, 1}).front();
  }

  std::vector<std::vector<BoxCandidate>> propose_each(
      std::span<const std::vector<std::string>> captions) override {
    std::vector<std::vector<BoxCandidate>> all = inner_->propose_each(captions);
    for (std::vector<BoxCandidate>& candidates : all)
      for (BoxCandidate& candidate : candidates) candidate.box = enlarged(candidate.box);
    return all;
  }

  std::vector<Region> refine(std::span<const BoxCandidate> candidates) override {
    std::vector<BoxCandidate> small(candidates.begin(), candidates.end());
    for (BoxCandidate& candidate : small) candidate.box = reduced(candidate.box);
    std::vector<Region> regions = inner_->refine(small);
    for (Region& region : regions) region = scaled(region, side_, side_, width(), height());
    return regions;
  }

  FloatMap saliency(std::span<const InspectedObject> objects) override {
    std::vector<InspectedObject> small;
    for (const InspectedObject& object : objects) {
      small.push_back({.box = reduced(object.box), .mask = {}, .score = object.score});
      if (!object.mask.empty())
        small.back().mask =
            Region::binary(resize_nearest(to_mask(object.mask, width(), height()), side_, side_));
    }
    return resize_linear(inner_->saliency(small), width(), height());
  }

  std::vector<InspectedObject> objects(const std::string& name, int count) override {
    std::vector<InspectedObject> objects = inner_->objects(name, count);
    for (InspectedObject& object : objects) {
      object.box = enlarged(object.box);
      object.mask = scaled(object.mask, side_, side_, width(), height()).binarised();
    }
    return objects;
  }

  void start_over() override { inner_->start_over(); }

  std::vector<std::string> notes() const override { return inner_->notes(); }

 private:
  Box enlarged(const Box& b) const { return {b.x0 * across_, b.y0 * down_, b.x1 * across_, b.y1 * down_}; }
  Box reduced(const Box& b) const { return {b.x0 / across_, b.y0 / down_, b.x1 / across_, b.y1 / down_}; }

  int side_;
  float across_, down_;  // pixels of the image per pixel of the square
  Image small_;
  std::unique_ptr<ImageSession> inner_;
};

}  // namespace

std::unique_ptr<ImageSession> open_squashed(const ModelSet& models, const Image& image, int side,
                                            const StageOptions& options) {
  return std::make_unique<SquashedSession>(models, image, side, options);
}

}  // namespace anomalyvlm
