#include "methods/anomalyvlm/proposals.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/check.h"

namespace anomalyvlm {
namespace {

// In the order of the boxes. All regions of a large image might take more memory than there is, so that those
// are asked for by and by, the most confident first, until the limit is reached.
std::vector<Region> regions_of(ImageSession& session, std::span<const BoxCandidate> boxes,
                               const PipelineConfig& config, std::vector<std::string>& notes) {
  constexpr std::size_t kAtOnce = 64;
  std::vector<std::size_t> order(boxes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return boxes[i].score > boxes[j].score; });
  if (boxes.size() <= kAtOnce) std::sort(order.begin(), order.end());  // as they came: fewer prompts differ
  std::vector<Region> regions(boxes.size());
  std::size_t taken = 0, done = 0;
  while (done < order.size() && taken <= config.region_memory) {
    const std::span<const std::size_t> some =
        std::span(order).subspan(done, std::min(kAtOnce, order.size() - done));
    std::vector<BoxCandidate> asked;
    for (const std::size_t i : some) asked.push_back(boxes[i]);
    std::vector<Region> answers = session.refine(asked);
    AVLM_CHECK(answers.size() == some.size());
    for (std::size_t k = 0; k < some.size(); ++k) {
      Region& region = regions[some[k]];
      region = config.soft_masks ? std::move(answers[k]) : answers[k].binarised();
      taken += region.bytes();
    }
    done += some.size();
  }
  if (done < order.size())
    notes.push_back(
        fmt::format("Of {} proposals only the {} most confident were looked at: their masks take {} MB.",
                    boxes.size(), done, taken >> 20));
  return regions;
}

// The smallest around what is inside; the proposal where nothing is.
Box box_of(const Region& region, const Box& proposal) {
  const PixelRect bounds = region.bounds();
  return bounds.empty() ? proposal : to_box(bounds);
}

}  // namespace

Proposals propose(ImageSession& session, std::span<const TextQuery> queries) {
  std::vector<std::vector<std::string>> captions;
  for (const TextQuery& query : queries) captions.push_back(query.phrases);
  const std::vector<std::vector<BoxCandidate>> answers = session.propose_each(captions);
  AVLM_CHECK(answers.size() == queries.size());
  Proposals all;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    all.boxes.insert(all.boxes.end(), answers[i].begin(), answers[i].end());
    all.asked.resize(all.boxes.size(), &queries[i]);
  }
  return all;
}

Candidates refine(ImageSession& session, std::span<const BoxCandidate> boxes, const PipelineConfig& config,
                  std::vector<std::string>& notes) {
  std::vector<Region> regions = regions_of(session, boxes, config, notes);
  Candidates candidates(boxes.size());
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    candidates[i].id = static_cast<int>(i);
    candidates[i].proposal_box = boxes[i].box;
    candidates[i].phrase = boxes[i].phrase;
    candidates[i].confidence = boxes[i].score;
    candidates[i].named = boxes[i].named;
    candidates[i].mask = std::move(regions[i]);
    candidates[i].box = box_of(candidates[i].mask, boxes[i].box);
  }
  return candidates;
}

FloatMap checked(FloatMap saliency) {
  if (!std::all_of(saliency.values.begin(), saliency.values.end(), [](float v) { return std::isfinite(v); }))
    fail(ErrorKind::kBadModel,
         "The model's weights give a saliency that is not a number; the file is damaged.");
  return saliency;
}

}  // namespace anomalyvlm
