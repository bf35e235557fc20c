#include "methods/anomalyvlm/fake_models.h"

#include <fmt/format.h>

namespace anomalyvlm::test {
namespace {

class FakeSession : public ImageSession {
 public:
  FakeSession(const Image& image, const StageOptions& options, const FakeAnswers& answers,
              std::shared_ptr<FakeRecord> record)
      : ImageSession(image.width, image.height, options), answers_(answers), record_(std::move(record)) {}

  std::vector<BoxCandidate> propose(std::span<const std::string> phrases) override {
    record_->captions.push_back(fmt::format("{}", fmt::join(phrases, "|")));
    const auto found = answers_.boxes.find(record_->captions.back());
    return found == answers_.boxes.end() ? std::vector<BoxCandidate>{} : found->second;
  }

  std::vector<Region> refine(std::span<const BoxCandidate> candidates) override {
    std::vector<Region> masks;
    for (const BoxCandidate& candidate : candidates) {
      const Box& b = candidate.box;
      masks.push_back(answers_.mask ? answers_.mask(candidate)
                                    : box_mask(static_cast<int>(b.x0), static_cast<int>(b.y0),
                                               static_cast<int>(b.x1), static_cast<int>(b.y1)));
    }
    return masks;
  }

  FloatMap saliency(std::span<const InspectedObject> objects) override {
    record_->compared.assign(objects.begin(), objects.end());
    FloatMap map{width(), height(), {}};
    for (int y = 0; y < height(); ++y)
      for (int x = 0; x < width(); ++x)
        map.values.push_back(answers_.saliency ? answers_.saliency(x, y) : 0.0F);
    return map;
  }

  std::vector<std::string> notes() const override { return answers_.notes; }

 private:
  const FakeAnswers& answers_;
  std::shared_ptr<FakeRecord> record_;
};

}  // namespace

std::unique_ptr<ImageSession> FakeModels::open(const Image& image, const StageOptions& options) const {
  auto record = std::make_shared<FakeRecord>(FakeRecord{
      .width = image.width, .height = image.height, .options = options, .captions = {}, .compared = {}});
  {
    const std::lock_guard lock(mutex_);
    last_ = record;
  }
  return std::make_unique<FakeSession>(image, options, answers_, std::move(record));
}

Region box_mask(int x0, int y0, int x1, int y1, float value) {
  const std::size_t pixels = static_cast<std::size_t>(x1 - x0) * static_cast<std::size_t>(y1 - y0);
  return Region::soft({x0, y0, x1, y1}, std::vector<float>(pixels, value));
}

}  // namespace anomalyvlm::test
