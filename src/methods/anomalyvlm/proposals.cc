#include "methods/anomalyvlm/proposals.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "core/check.h"

namespace anomalyvlm {
namespace {

// In the order of the proposals. All regions of a large image might not fit into memory, so they are
// requested in batches, the most confident first, until the limit is reached.
std::vector<Region> regions_of(ImageSession& session, std::span<const Proposal> proposals,
                               const PipelineConfig& config, std::vector<std::string>& notes) {
  constexpr std::size_t kAtOnce = 64;
  std::vector<std::size_t> order(proposals.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return proposals[i].score > proposals[j].score; });
  if (proposals.size() <= kAtOnce) std::sort(order.begin(), order.end());  // as given: fewer distinct prompts
  std::vector<Region> regions(proposals.size());
  std::size_t taken = 0, done = 0;
  while (done < order.size() && taken <= config.region_memory) {
    const std::span<const std::size_t> some =
        std::span(order).subspan(done, std::min(kAtOnce, order.size() - done));
    std::vector<Proposal> asked;
    for (const std::size_t i : some) asked.push_back(proposals[i]);
    std::vector<Region> answers = session.refine(asked);
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
                    proposals.size(), done, taken >> 20));
  return regions;
}

// The smallest around what is inside; the proposal where nothing is.
Box box_of(const Region& region, const Box& proposal) {
  const PixelRect bounds = region.bounds();
  return bounds.empty() ? proposal : to_box(bounds);
}

}  // namespace

Proposals propose(ImageSession& session, std::span<const TextQuery> queries) {
  std::vector<Caption> captions;
  for (const TextQuery& query : queries) captions.push_back(query.phrases);
  std::vector<std::vector<Proposal>> answers = session.propose(captions);
  Proposals all;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    std::move(answers[i].begin(), answers[i].end(), std::back_inserter(all.found));
    all.asked.resize(all.found.size(), &queries[i]);
  }
  return all;
}

Candidates refine(ImageSession& session, std::span<const Proposal> proposals, const PipelineConfig& config,
                  std::vector<std::string>& notes) {
  std::vector<Region> regions = regions_of(session, proposals, config, notes);
  std::vector<std::optional<ReferencePlace>> explained(proposals.size());
  if (session.compares()) explained = session.explain(proposals, regions);
  Candidates candidates(proposals.size());
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    candidates[i].id = static_cast<int>(i);
    candidates[i].proposal_box = proposals[i].box;
    candidates[i].phrase = proposals[i].phrase;
    candidates[i].confidence = proposals[i].score;
    candidates[i].named = proposals[i].named;
    candidates[i].mask = std::move(regions[i]);
    candidates[i].box = box_of(candidates[i].mask, proposals[i].box);
    if (const auto& like = explained[i])
      candidates[i].rejected_by = {
          Rejection::By::kReference, -1, candidates[i].confidence,
          fmt::format("looks like reference {} at ({:.0f}, {:.0f})", like->image, like->x, like->y),
          like->image};
  }
  return candidates;
}

}  // namespace anomalyvlm
