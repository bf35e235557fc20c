#include "methods/method.h"

#include <fmt/format.h>

#include <utility>

#include "methods/content.h"
#include "methods/ignored.h"

namespace anomalyvlm {

std::size_t bytes_of(const Evidence& evidence) {
  std::size_t bytes = evidence.saliency.values.size() * sizeof(float);
  for (const InspectedObject& object : evidence.objects) bytes += object.mask.bytes();
  if (const auto* regions = std::get_if<RegionEvidence>(&evidence.found)) {
    for (const Candidate& candidate : regions->candidates) bytes += sizeof candidate + candidate.mask.bytes();
  } else {
    const DenseEvidence& dense = std::get<DenseEvidence>(evidence.found);
    bytes += (dense.map.values.size() + dense.phrase.values.size()) * sizeof(float);
  }
  return bytes;
}

Detection unjudged(Evidence&& evidence) {
  Detection found;
  found.width = evidence.width;
  found.height = evidence.height;
  found.objects = std::move(evidence.objects);
  found.saliency = std::move(evidence.saliency);
  found.timings = std::move(evidence.timings);
  found.models = std::move(evidence.models);
  found.no_content = missing_content(evidence.notes);
  found.notes = std::move(evidence.notes);
  found.profile = std::move(evidence.profile);
  found.resize = evidence.resize;
  found.tile = evidence.tile;
  found.tile_overlap = evidence.tile_overlap;
  return found;
}

std::vector<DescribedPart> Method::describe(const Image&) const { return {}; }

std::string Method::question_of(const HybridPrompt& prompt) const {
  constexpr char kBetween = '\x1f';
  std::string question = fmt::format("{}{}{}", prompt.object, kBetween, prompt.object_count.value_or(0));
  for (const std::string& phrase : sought_phrases(prompt)) question += kBetween + phrase;
  return question;
}

std::unique_ptr<Observer> Method::observing_anew(const Image& image) const {
  class Anew : public Observer {
   public:
    Anew(const Method& method, const Image& image) : method_(method), image_(image) {}
    Evidence observe(const HybridPrompt& prompt, const DetectSettings& settings) override {
      return std::move(method_.observe(image_, {&prompt, 1}, settings).front());
    }

   private:
    const Method& method_;
    const Image& image_;
  };
  return std::make_unique<Anew>(*this, image);
}

std::uint64_t Method::parameters() const {
  std::uint64_t sum = 0;
  for (const LoadedModel& model : models()) sum += model.parameters;
  return sum;
}

Detection Method::detect(const Image& image, const HybridPrompt& prompt,
                         const DetectSettings& settings) const {
  check_ignored(settings.ignored, image.width, image.height);  // before the costly part
  Evidence evidence = std::move(observe(image, {&prompt, 1}, settings).front());
  return judge_->judge(image, std::move(evidence), prompt, {.ignored = settings.ignored});
}

}  // namespace anomalyvlm
