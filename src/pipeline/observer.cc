#include "pipeline/observer.h"

#include <algorithm>
#include <utility>

#include "core/check.h"
#include "pipeline/candidates.h"
#include "pipeline/content.h"
#include "pipeline/proposals.h"
#include "pipeline/squash.h"

namespace anomalyvlm {
namespace {

// The boxes found for a single object (ObjectChoice::kBelowShare) are no objects to compare with each other.
std::vector<InspectedObject> compared_objects(const Detection& found, const HybridPrompt& prompt) {
  if (found.objects.size() == 1 || prompt.object_count.value_or(1) > 1) return found.objects;
  return {InspectedObject::whole_image(found.width, found.height)};
}

}  // namespace

void StageClock::require_not_stopped() const {
  if (settings_.stop.stop_requested()) throw Cancelled("The caller cancelled the work.");
}

void StageClock::tell(std::size_t done, std::size_t all) const {
  if (settings_.progress && !settings_.progress(static_cast<int>(done), static_cast<int>(all)))
    throw Cancelled(fmt::format("The caller cancelled the work after {} of {} tiles.", done, all));
}

Detection nothing_yet(const ModelSet& models, const Image& image, const PipelineConfig& config) {
  Detection found;
  found.width = image.width;
  found.height = image.height;
  found.models = models.ids();
  found.profile = config.name;
  found.resize = config.resize;
  if (const auto note = content_note(image)) found.notes.push_back(*note);
  return found;
}

std::unique_ptr<ImageSession> open_session(const ModelSet& models, const Image& image,
                                           const PipelineConfig& config) {
  return config.resize > 0 ? open_squashed(models, image, config.resize, config.stages)
                           : models.open(image, config.stages);
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

bool Observer::is_known(const HybridPrompt& prompt) const {
  return last_ && last_->name == prompt.object && last_->count == prompt.object_count;
}

void Observer::remember(const HybridPrompt& prompt, const Detection& found, std::vector<std::string> notes) {
  last_ = {prompt.object, prompt.object_count, found.objects, std::move(notes), found.saliency};
}

Detection Observer::observe(const HybridPrompt& prompt, const DetectSettings& settings) {
  StageClock timed(settings);
  Detection found = nothing_yet(models_, image_, config_);
  if (!session_) {
    session_ = timed("open", [&] { return open_session(models_, image_, config_); });
  } else {
    session_->start_over();
  }
  const bool known = is_known(prompt);
  std::vector<std::string> notes;
  timed("object", [&] {
    if (known) notes = last_->notes;
    found.objects = known ? last_->objects : inspected_objects(*session_, image_, prompt, notes);
  });
  found.notes.insert(found.notes.end(), notes.begin(), notes.end());
  const std::vector<TextQuery> queries = text_queries(prompt, config_);
  const Proposals proposals = timed("propose", [&] { return propose(*session_, queries); });
  found.candidates =
      timed("refine", [&] { return refine(*session_, proposals.boxes, config_, found.notes); });
  place(found.objects, config_, proposals.asked, found.candidates);
  timed("saliency", [&] {
    found.saliency = known ? last_->saliency : checked(session_->saliency(compared_objects(found, prompt)));
    measure_saliency(found.saliency, found.candidates);
  });
  for (const std::string& note : session_->notes()) found.notes.push_back(note);
  if (repeated_ && !known) remember(prompt, found, std::move(notes));
  found.timings = timed.times();
  return found;
}

}  // namespace anomalyvlm
