#pragma once
// An image seen as a whole, about which several prompts ask one after the other.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/timings.h"
#include "pipeline/pipeline.h"

namespace anomalyvlm {

// Times the stages of one prompt. Throws Cancelled before a stage if the caller asked to stop.
class StageClock {
 public:
  explicit StageClock(const DetectSettings& settings) : settings_(settings) {}

  template <typename Stage>
  auto operator()(const char* name, Stage&& stage) {
    require_not_stopped();
    const Timings::Scope scope(timings_, name);
    return stage();
  }

  void tell(std::size_t done, std::size_t all) const;  // the caller's progress callback
  const std::vector<std::pair<std::string, double>>& times() const { return timings_.stages(); }

 private:
  void require_not_stopped() const;

  const DetectSettings& settings_;
  Timings timings_;
};

// Opens the models' session with the first prompt, and keeps it: features are computed once. For one thread.
class Observer {
 public:
  // All arguments must outlive it. `repeated`: more than one prompt will come, so that what they share is
  // kept.
  Observer(const ModelSet& models, const Image& image, const PipelineConfig& config, bool repeated)
      : models_(models), image_(image), config_(config), repeated_(repeated) {}

  // As gather() of this prompt, which is valid.
  Detection observe(const HybridPrompt& prompt, const DetectSettings& settings);

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
  void remember(const HybridPrompt& prompt, const Detection& found, std::vector<std::string> notes);

  const ModelSet& models_;
  const Image& image_;
  const PipelineConfig& config_;
  bool repeated_;
  std::unique_ptr<ImageSession> session_;
  std::optional<Inspected> last_;
};

// A detection that holds only what is known beforehand: sizes, models, notes on the image's content.
Detection nothing_yet(const ModelSet& models, const Image& image, const PipelineConfig& config);

// The models' session of an image or tile, squashed if the configuration says so.
std::unique_ptr<ImageSession> open_session(const ModelSet& models, const Image& image,
                                           const PipelineConfig& config);

// The objects that the prompt names, in an image of the session; the whole image, with a note, if none is
// found.
std::vector<InspectedObject> inspected_objects(ImageSession& session, const Image& image,
                                               const HybridPrompt& prompt, std::vector<std::string>& notes);

}  // namespace anomalyvlm
