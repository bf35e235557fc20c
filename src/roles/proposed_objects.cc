#include "roles/proposed_objects.h"

#include <algorithm>

namespace anomalyvlm {
namespace {

constexpr float kSameObject = 0.7F;  // boxes with a larger overlap (intersection over union) are one object

float overlap(const Box& a, const Box& b) {
  const Box both{std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)};
  const float shared = both.area(), all = a.area() + b.area() - shared;
  return all > 0 ? shared / all : 0;
}

std::vector<Proposal> best_apart(std::vector<Proposal> proposals, int count) {
  std::stable_sort(proposals.begin(), proposals.end(),
                   [](const Proposal& a, const Proposal& b) { return a.score > b.score; });
  std::vector<Proposal> best;
  for (Proposal& proposal : proposals) {
    if (static_cast<int>(best.size()) == count) break;
    const bool again = std::any_of(best.begin(), best.end(), [&](const Proposal& taken) {
      return overlap(proposal.box, taken.box) > kSameObject;
    });
    if (!again) best.push_back(std::move(proposal));
  }
  return best;
}

}  // namespace

std::vector<InspectedObject> ProposedObjects::find(const std::string& name, int count) {
  std::vector<Proposal> proposals = proposer_->propose_one({name});
  if (choice_ == ObjectChoice::kBest) {
    proposals = best_apart(std::move(proposals), count);
  } else {
    const float limit = static_cast<float>(width_) * static_cast<float>(height_) / static_cast<float>(count);
    std::erase_if(proposals, [&](const Proposal& proposal) { return !(proposal.box.area() < limit); });
  }
  const std::vector<Region> regions = refiner_->refine(proposals);
  std::vector<InspectedObject> objects;
  for (std::size_t i = 0; i < proposals.size(); ++i)
    objects.push_back({.box = proposals[i].box, .mask = regions[i].binarised(), .score = proposals[i].score});
  return objects;
}

}  // namespace anomalyvlm
