#pragma once
// One image, looked at by the roles of a model set: what it is asked, it times and checks alike for every
// model.
#include "roles/model_set.h"
#include "roles/stage_clock.h"

namespace anomalyvlm {

// For one thread. All coordinates in pixels of the image.
class ImageSession {
 public:
  // Opens the models for the image; both must outlive the session. squash_side: of the square that the models
  // see instead of the image; 0: they see the image. The first prompt begins.
  ImageSession(const ModelSet& models, const Image& image, const StageOptions& options, int squash_side,
               const DetectSettings& settings = {});

  // As the roles do; see there. Each is a stage of that name, and throws Cancelled as StageClock does.
  std::vector<InspectedObject> objects(const std::string& name, int count);
  std::vector<std::vector<Proposal>> propose(std::span<const Caption> captions);
  std::vector<Region> refine(std::span<const Proposal> proposals);
  // Throws Error(kBadModel) for values that are not finite: damaged weights must not pass for an image
  // without defects.
  FloatMap saliency(std::span<const InspectedObject> objects);

  // With references only (StageOptions::references), as ReferenceComparer has them.
  bool compares() const { return roles_.references != nullptr; }
  FloatMap unlikeness();
  std::vector<std::optional<ReferencePlace>> explain(std::span<const Proposal> proposals,
                                                     std::span<const Region> regions);

  // The next prompt begins, with a clock of its own.
  void start_over(const DetectSettings& settings = {});
  std::vector<std::string> notes() const { return roles_.proposer->notes(); }

  // Of this prompt. Work that belongs to a stage but is not the models' can be timed as part of it.
  StageClock& clock() { return clock_; }

 private:
  StageClock clock_;
  ImageRoles roles_;
};

}  // namespace anomalyvlm
