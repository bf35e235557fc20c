#include "roles/image_session.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "roles/squashed_roles.h"

namespace anomalyvlm {

ImageSession::ImageSession(const ModelSet& models, const Image& image, const StageOptions& options,
                           int squash_side, const DetectSettings& settings)
    : clock_(settings), roles_(clock_(stages::kOpen, [&] {
        return squash_side > 0 ? open_squashed(models, image, squash_side, options)
                               : models.open(image, options);
      })) {}

std::vector<InspectedObject> ImageSession::objects(const std::string& name, int count) {
  return clock_(stages::kObject, [&] { return roles_.objects->find(name, count); });
}

std::vector<std::vector<Proposal>> ImageSession::propose(std::span<const Caption> captions) {
  std::vector<std::vector<Proposal>> found =
      clock_(stages::kPropose, [&] { return roles_.proposer->propose(captions); });
  AVLM_CHECK(found.size() == captions.size());
  for (const std::vector<Proposal>& proposals : found)
    for (const Proposal& proposal : proposals) AVLM_CHECK(proposal.id >= 0);
  return found;
}

std::vector<Region> ImageSession::refine(std::span<const Proposal> proposals) {
  std::vector<Region> regions = clock_(stages::kRefine, [&] { return roles_.refiner->refine(proposals); });
  AVLM_CHECK(regions.size() == proposals.size());
  return regions;
}

FloatMap ImageSession::saliency(std::span<const InspectedObject> objects) {
  return clock_(stages::kSaliency, [&] {
    FloatMap map = roles_.saliency->saliency(objects);
    if (!std::all_of(map.values.begin(), map.values.end(), [](float v) { return std::isfinite(v); }))
      fail(ErrorKind::kBadModel,
           "The model's weights give a saliency that is not a number; the file is damaged.");
    return map;
  });
}

FloatMap ImageSession::unlikeness() {
  return clock_(stages::kCompare, [&] { return roles_.references->unlikeness(); });
}

std::vector<std::optional<ReferencePlace>> ImageSession::explain(std::span<const Proposal> proposals,
                                                                 std::span<const Region> regions) {
  return clock_(stages::kCompare, [&] { return roles_.references->explain(proposals, regions); });
}

void ImageSession::start_over(const DetectSettings& settings) {
  clock_ = StageClock(settings);
  roles_.proposer->start_over();
}

}  // namespace anomalyvlm
