#pragma once
// Fake models that give the answers a test sets, and record what they were asked.
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "roles/model_set.h"

namespace anomalyvlm::test {

struct FakeAnswers {
  // By caption: the phrases, joined by "|". Ids are given when they are proposed.
  std::map<std::string, std::vector<Proposal>> boxes;
  // By default each mask is its box.
  std::function<Region(const Proposal&)> mask;
  // By default 0 everywhere.
  std::function<float(int x, int y)> saliency;
  std::vector<std::string> notes;
};

// What the roles of an image were asked; written by them alone, as images may be looked at side by side.
struct FakeRecord {
  int width = 0, height = 0;  // of the image
  StageOptions options;
  std::vector<std::string> captions;
  std::vector<InspectedObject> compared;  // given to saliency()
};

class FakeModels : public ModelSet {
 public:
  explicit FakeModels(FakeAnswers answers) : answers_(std::move(answers)) {}
  ImageRoles open(const Image& image, const StageOptions& options) const override;
  std::vector<LoadedModel> models() const override { return {{"fake 1", 7}, {"fake 2", 5}}; }
  // Of the image opened last, once all is asked.
  const FakeRecord& asked() const { return *last_; }

 private:
  FakeAnswers answers_;
  mutable std::mutex mutex_;  // of last_, while images are opened
  mutable std::shared_ptr<FakeRecord> last_ = std::make_shared<FakeRecord>();
};

// Soft: 1 (or `value`) in [x0, x1) x [y0, y1).
Region box_mask(int x0, int y0, int x1, int y1, float value = 1);

}  // namespace anomalyvlm::test
