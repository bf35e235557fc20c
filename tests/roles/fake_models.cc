#include "roles/fake_models.h"

#include <fmt/format.h>

#include "roles/proposed_objects.h"

namespace anomalyvlm::test {
namespace {

class FakeImage : public RegionProposer, public MaskRefiner, public SaliencyEstimator {
 public:
  FakeImage(const FakeAnswers& answers, std::shared_ptr<FakeRecord> record)
      : answers_(answers), record_(std::move(record)) {}

  std::vector<std::vector<Proposal>> propose(std::span<const Caption> captions) override {
    std::vector<std::vector<Proposal>> all;
    for (const Caption& phrases : captions) {
      record_->captions.push_back(fmt::format("{}", fmt::join(phrases, "|")));
      const auto found = answers_.boxes.find(record_->captions.back());
      all.push_back(found == answers_.boxes.end() ? std::vector<Proposal>{} : found->second);
      for (Proposal& proposal : all.back()) proposal.id = next_id_++;
    }
    return all;
  }

  std::vector<Region> refine(std::span<const Proposal> proposals) override {
    std::vector<Region> masks;
    for (const Proposal& proposal : proposals) {
      const Box& b = proposal.box;
      masks.push_back(answers_.mask ? answers_.mask(proposal)
                                    : box_mask(static_cast<int>(b.x0), static_cast<int>(b.y0),
                                               static_cast<int>(b.x1), static_cast<int>(b.y1)));
    }
    return masks;
  }

  FloatMap saliency(std::span<const InspectedObject> objects) override {
    record_->compared.assign(objects.begin(), objects.end());
    FloatMap map{record_->width, record_->height, {}};
    for (int y = 0; y < map.height; ++y)
      for (int x = 0; x < map.width; ++x)
        map.values.push_back(answers_.saliency ? answers_.saliency(x, y) : 0.0F);
    return map;
  }

  std::vector<std::string> notes() const override { return answers_.notes; }

 private:
  const FakeAnswers& answers_;
  std::shared_ptr<FakeRecord> record_;
  int next_id_ = 0;
};

}  // namespace

ImageRoles FakeModels::open(const Image& image, const StageOptions& options) const {
  auto record = std::make_shared<FakeRecord>(FakeRecord{
      .width = image.width, .height = image.height, .options = options, .captions = {}, .compared = {}});
  {
    const std::lock_guard lock(mutex_);
    last_ = record;
  }
  const auto fake = std::make_shared<FakeImage>(answers_, std::move(record));
  return {fake, fake, fake,
          std::make_shared<ProposedObjects>(fake, fake, image.width, image.height, options.object_choice)};
}

Region box_mask(int x0, int y0, int x1, int y1, float value) {
  const std::size_t pixels = static_cast<std::size_t>(x1 - x0) * static_cast<std::size_t>(y1 - y0);
  return Region::soft({x0, y0, x1, y1}, std::vector<float>(pixels, value));
}

}  // namespace anomalyvlm::test
