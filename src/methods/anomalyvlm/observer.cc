#include "methods/anomalyvlm/observer.h"

#include <algorithm>
#include <utility>

#include "core/check.h"
#include "methods/anomalyvlm/candidate_steps.h"
#include "methods/anomalyvlm/proposals.h"
#include "methods/content.h"

namespace anomalyvlm {
namespace {

// The boxes found for a single object (ObjectChoice::kBelowShare) are no objects to compare with each other.
std::vector<InspectedObject> compared_objects(const Evidence& seen, const HybridPrompt& prompt) {
  if (seen.objects.size() == 1 || prompt.object_count.value_or(1) > 1) return seen.objects;
  return {InspectedObject::whole_image(seen.width, seen.height)};
}

}  // namespace

Evidence nothing_yet(const ModelSet& models, const Image& image, const PipelineConfig& config) {
  Evidence seen;
  seen.width = image.width;
  seen.height = image.height;
  seen.models = ids_of(models.models());
  seen.profile = config.name;
  seen.resize = config.resize;
  if (const auto note = content_note(image)) seen.notes.push_back(*note);
  return seen;
}

std::vector<InspectedObject> inspected_objects(ImageSession& session, const Image& image,
                                               const HybridPrompt& prompt, std::vector<std::string>& notes) {
  std::vector<InspectedObject> objects;
  if (!prompt.object.empty()) {
    objects = session.objects(prompt.object, std::max(1, prompt.object_count.value_or(1)));
    if (objects.empty())
      notes.push_back(
          fmt::format("No \"{}\" was found; the whole image is taken as the object.", prompt.object));
  }
  if (objects.empty()) objects.push_back(InspectedObject::whole_image(image.width, image.height));
  return objects;
}

bool PipelineObserver::is_known(const HybridPrompt& prompt) const {
  return last_ && last_->name == prompt.object && last_->count == prompt.object_count;
}

void PipelineObserver::remember(const HybridPrompt& prompt, const Evidence& seen,
                                std::vector<std::string> notes) {
  last_ = {prompt.object, prompt.object_count, seen.objects, std::move(notes), seen.saliency};
}

Evidence PipelineObserver::observe(const HybridPrompt& prompt, const DetectSettings& settings) {
  Evidence seen = nothing_yet(models_, image_, config_);
  if (settings.references.bank() != references_.bank()) {
    session_.reset();
    last_.reset();
    references_ = settings.references;
  }
  if (!session_) {
    session_.emplace(models_, image_, stage_options(config_, settings), config_.resize, settings);
  } else {
    session_->start_over(settings);
  }
  StageClock& timed = session_->clock();
  const bool known = is_known(prompt);
  std::vector<std::string> notes;
  timed(stages::kObject, [&] {
    if (known) notes = last_->notes;
    seen.objects = known ? last_->objects : inspected_objects(*session_, image_, prompt, notes);
  });
  seen.notes.insert(seen.notes.end(), notes.begin(), notes.end());
  const std::vector<TextQuery> queries = text_queries(prompt, config_);
  const Proposals proposals = propose(*session_, queries);
  Candidates candidates =
      timed(stages::kRefine, [&] { return refine(*session_, proposals.found, config_, seen.notes); });
  place(seen.objects, config_, proposals.asked, candidates);
  timed(stages::kSaliency, [&] {
    seen.saliency = known ? last_->saliency : session_->saliency(compared_objects(seen, prompt));
    measure_saliency(seen.saliency, candidates);
  });
  for (const std::string& note : session_->notes()) seen.notes.push_back(note);
  if (repeated_ && !known) remember(prompt, seen, std::move(notes));
  seen.found = RegionEvidence{std::move(candidates)};
  seen.timings = timed.times();
  return seen;
}

}  // namespace anomalyvlm
