#include "roles/image_session.h"

#include <algorithm>

namespace anomalyvlm {
namespace {

constexpr float kSameObject = 0.7F;  // boxes with a larger overlap (intersection over union) are one object

float overlap(const Box& a, const Box& b) {
  const Box both{std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)};
  const float shared = both.area(), all = a.area() + b.area() - shared;
  return all > 0 ? shared / all : 0;
}

std::vector<BoxCandidate> best_apart(std::vector<BoxCandidate> boxes, int count) {
  std::stable_sort(boxes.begin(), boxes.end(),
                   [](const BoxCandidate& a, const BoxCandidate& b) { return a.score > b.score; });
  std::vector<BoxCandidate> best;
  for (const BoxCandidate& box : boxes) {
    if (static_cast<int>(best.size()) == count) break;
    const bool again = std::any_of(best.begin(), best.end(), [&](const BoxCandidate& taken) {
      return overlap(box.box, taken.box) > kSameObject;
    });
    if (!again) best.push_back(box);
  }
  return best;
}

}  // namespace

std::vector<std::vector<BoxCandidate>> ImageSession::propose_each(
    std::span<const std::vector<std::string>> captions) {
  std::vector<std::vector<BoxCandidate>> all;
  for (const std::vector<std::string>& phrases : captions) all.push_back(propose(phrases));
  return all;
}

std::vector<InspectedObject> ImageSession::objects(const std::string& name, int count) {
  std::vector<BoxCandidate> boxes = propose(std::vector<std::string>{name});
  if (options_.object_choice == ObjectChoice::kBest) {
    boxes = best_apart(std::move(boxes), count);
  } else {
    const float limit = static_cast<float>(width_) * static_cast<float>(height_) / static_cast<float>(count);
    std::erase_if(boxes, [&](const BoxCandidate& box) { return !(box.box.area() < limit); });
  }
  const std::vector<Region> regions = refine(boxes);
  std::vector<InspectedObject> objects;
  for (std::size_t i = 0; i < boxes.size(); ++i)
    objects.push_back({.box = boxes[i].box, .mask = regions[i].binarised(), .score = boxes[i].score});
  return objects;
}

}  // namespace anomalyvlm
