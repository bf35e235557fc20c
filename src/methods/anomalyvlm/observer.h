#pragma once
// Observing an image as a whole, by one prompt after the other.
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "methods/anomalyvlm/pipeline.h"
#include "roles/image_session.h"

namespace anomalyvlm {

// Opens the models' session with the first prompt, and keeps it: features are computed once. For one thread.
class PipelineObserver : public Observer {
 public:
  // All arguments must outlive it. `repeated`: more than one prompt will come, so that what they share is
  // kept.
  PipelineObserver(const ModelSet& models, const Image& image, const PipelineConfig& config, bool repeated)
      : models_(models), image_(image), config_(config), repeated_(repeated) {}

  Evidence observe(const HybridPrompt& prompt, const DetectSettings& settings) override;
  std::size_t memory() const override {
    constexpr std::size_t kFeatures =
        3 << 20;  // of models: nano's, whatever the image's size; others have more
    return (session_ ? kFeatures : 0) + (last_ ? last_->saliency.values.size() * sizeof(float) : 0);
  }

 private:
  // What prompts about the same objects share.
  struct Inspected {
    std::string name;
    std::optional<int> count;
    std::vector<InspectedObject> objects;
    std::vector<std::string> notes;
    FloatMap saliency;
  };
  bool is_known(const HybridPrompt& prompt) const;
  void remember(const HybridPrompt& prompt, const Evidence& seen, std::vector<std::string> notes);

  const ModelSet& models_;
  const Image& image_;
  const PipelineConfig& config_;
  bool repeated_;
  References references_;  // that the session compares with
  std::optional<ImageSession> session_;
  std::optional<Inspected> last_;
};

// Evidence that holds only what is known beforehand: sizes, models, notes on the image's content.
Evidence nothing_yet(const ModelSet& models, const Image& image, const PipelineConfig& config);

// The objects that the prompt names, in an image of the session; the whole image, with a note, if none is
// found.
std::vector<InspectedObject> inspected_objects(ImageSession& session, const Image& image,
                                               const HybridPrompt& prompt, std::vector<std::string>& notes);

}  // namespace anomalyvlm
