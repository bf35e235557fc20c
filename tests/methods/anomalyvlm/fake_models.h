#pragma once
// Models that answer what a test tells them to, and note what they were asked.
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "roles/image_session.h"

namespace anomalyvlm::test {

struct FakeAnswers {
  // By caption: the phrases, joined by "|".
  std::map<std::string, std::vector<BoxCandidate>> boxes;
  // By default each mask is its box.
  std::function<Region(const BoxCandidate&)> mask;
  // By default 0 everywhere.
  std::function<float(int x, int y)> saliency;
  std::vector<std::string> notes;
};

// What a session was asked; written by it alone, as sessions may work side by side.
struct FakeRecord {
  int width = 0, height = 0;  // of the image it was opened for
  StageOptions options;
  std::vector<std::string> captions;
  std::vector<InspectedObject> compared;  // given to saliency()
};

class FakeModels : public ModelSet {
 public:
  explicit FakeModels(FakeAnswers answers) : answers_(std::move(answers)) {}
  std::unique_ptr<ImageSession> open(const Image& image, const StageOptions& options) const override;
  std::vector<std::string> ids() const override { return {"fake 1", "fake 2"}; }
  // Of the session opened last, once it has ended.
  const FakeRecord& asked() const { return *last_; }

 private:
  FakeAnswers answers_;
  mutable std::mutex mutex_;  // of last_, while sessions are opened
  mutable std::shared_ptr<FakeRecord> last_ = std::make_shared<FakeRecord>();
};

// Soft: 1 (or `value`) in [x0, x1) x [y0, y1).
Region box_mask(int x0, int y0, int x1, int y1, float value = 1);

}  // namespace anomalyvlm::test
