#include "roles/adapters/grounding_dino_proposer.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <optional>

#include "core/check.h"
#include "roles/adapters/text_boxes.h"

namespace anomalyvlm {
namespace {

// Of more than `most` proposals (0: of any number) the most confident stay, of equals the first, in their
// order.
bool keep_most_confident(std::vector<Proposal>& proposals, int most) {
  const auto count = static_cast<std::size_t>(most);
  if (most == 0 || proposals.size() <= count) return false;
  std::vector<std::size_t> order(proposals.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return proposals[i].score > proposals[j].score; });
  order.resize(count);
  std::sort(order.begin(), order.end());
  std::vector<Proposal> kept;
  for (const std::size_t i : order) kept.push_back(std::move(proposals[i]));
  proposals = std::move(kept);
  return true;
}

class GroundingDinoProposer : public RegionProposer {
 public:
  GroundingDinoProposer(std::shared_ptr<const grounding_dino::GroundingDino> network, bool together,
                        const Image& image, const StageOptions& options)
      : network_(std::move(network)), together_(together), image_(image), options_(options) {}

  std::vector<std::vector<Proposal>> propose(std::span<const Caption> captions) override {
    if (!features_) features_ = network_->open(image_);
    std::vector<std::string> texts;
    std::vector<std::size_t> part_of;  // the caption that each text is (a part of)
    for (std::size_t i = 0; i < captions.size(); ++i) {
      const std::vector<std::string> parts = network_->captions_for(captions[i]);
      if (parts.size() > 1) note_parts(captions[i].size(), parts.size());
      texts.insert(texts.end(), parts.begin(), parts.end());
      part_of.resize(texts.size(), i);
    }
    const std::vector<grounding_dino::CaptionOutputs> answers =
        network_->detect(*features_, texts, together_ ? texts.size() : 1);
    std::vector<std::vector<Proposal>> all(captions.size());
    for (std::size_t k = 0; k < answers.size(); ++k) {
      std::vector<Proposal> found = read_boxes(answers[k], options_, image_.width, image_.height, next_id_);
      next_id_ += static_cast<int>(found.size());
      std::move(found.begin(), found.end(), std::back_inserter(all[part_of[k]]));
    }
    for (std::size_t i = 0; i < all.size(); ++i) limit(all[i], captions[i]);
    return all;
  }

  void start_over() override {
    next_id_ = 0;
    notes_.clear();
  }

  std::vector<std::string> notes() const override { return notes_; }

 private:
  void limit(std::vector<Proposal>& proposals, const Caption& phrases) {
    constexpr std::size_t kShown = 5;
    const std::size_t found = proposals.size();
    if (!keep_most_confident(proposals, options_.max_proposals)) return;
    notes_.push_back(fmt::format("\"{}{}\" was found at {} places; only the {} most confident are looked at.",
                                 fmt::join(std::span(phrases).first(std::min(kShown, phrases.size())), ". "),
                                 phrases.size() > kShown ? ". ..." : "", found, proposals.size()));
  }

  void note_parts(std::size_t phrases, std::size_t captions) {
    notes_.push_back(
        fmt::format("The {} phrases are asked in {} captions, for one has room for {} tokens: that takes {} "
                    "times as long as "
                    "one.",
                    phrases, captions, network_->config().max_text, captions));
  }

  std::shared_ptr<const grounding_dino::GroundingDino> network_;
  bool together_;
  const Image& image_;
  StageOptions options_;
  std::optional<grounding_dino::ImageFeatures> features_;
  int next_id_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace

RoleOpener<RegionProposer> grounding_dino_proposer(
    std::shared_ptr<const grounding_dino::GroundingDino> network, bool together) {
  return [network = std::move(network), together](const Image& image, const StageOptions& options) {
    return std::make_shared<GroundingDinoProposer>(network, together, image, options);
  };
}

}  // namespace anomalyvlm
