#include "roles/adapters/sam_refiner.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/check.h"
#include "roles/adapters/color_order.h"

namespace anomalyvlm {
namespace {

class SamRefiner : public MaskRefiner {
 public:
  SamRefiner(std::shared_ptr<const sam::Predictor> predictor, const Image& image, ColorOrder colors)
      : predictor_(std::move(predictor)), image_(image), colors_(colors) {}

  std::vector<Region> refine(std::span<const Proposal> proposals) override {
    if (proposals.empty()) return {};
    if (!embedding_) embedding_ = predictor_->embed(in_order(image_, colors_));
    std::vector<sam::Prompt> prompts;
    for (const Proposal& proposal : proposals)
      prompts.push_back({.box = proposal.box, .points = {}, .mask = {}});
    std::vector<Region> regions;
    for (const sam::MaskLogits& answer : predictor_->predict(*embedding_, prompts)) {
      const auto logits = answer.logits.floats();
      if (!std::all_of(logits.begin(), logits.end(), [](float value) { return std::isfinite(value); }))
        fail(ErrorKind::kBadModel,
             "The weights of the refiner give masks that are not numbers; the file is damaged.");
      regions.push_back(std::move(predictor_->regions(*embedding_, answer).front()));
    }
    return regions;
  }

 private:
  std::shared_ptr<const sam::Predictor> predictor_;
  const Image& image_;
  ColorOrder colors_;
  std::optional<sam::Embedding> embedding_;
};

}  // namespace

RoleOpener<MaskRefiner> sam_refiner(std::shared_ptr<const sam::Predictor> predictor) {
  return [predictor = std::move(predictor)](const Image& image, const StageOptions& options) {
    return std::make_shared<SamRefiner>(predictor, image, options.colors);
  };
}

}  // namespace anomalyvlm
