#include "roles/sam_refiner.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "roles/color_order.h"

namespace anomalyvlm {

std::vector<Region> SamRefiner::refine(std::span<const BoxCandidate> candidates) {
  if (candidates.empty()) return {};
  if (!embedding_) embedding_ = predictor_.embed(in_order(image_, colors_));
  std::vector<sam::Prompt> prompts;
  for (const BoxCandidate& candidate : candidates)
    prompts.push_back({.box = candidate.box, .points = {}, .mask = {}});
  std::vector<Region> regions;
  for (const sam::Answer& answer : predictor_.predict(*embedding_, prompts)) {
    const auto logits = answer.logits.floats();
    if (!std::all_of(logits.begin(), logits.end(), [](float value) { return std::isfinite(value); }))
      fail(ErrorKind::kBadModel,
           "The weights of the refiner give masks that are not numbers; the file is damaged.");
    regions.push_back(std::move(predictor_.regions(*embedding_, answer).front()));
  }
  return regions;
}

}  // namespace anomalyvlm
