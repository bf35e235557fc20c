#include <algorithm>
#include <numeric>
#include <utility>

#include "core/check.h"
#include "core/timings.h"
#include "pipeline/candidates.h"
#include "pipeline/pipeline.h"
#include "pipeline/region_mask.h"
#include "pipeline/squash.h"

namespace anomalyvlm {
namespace {

// Runs a stage and notes how long it took.
class Stopwatch {
 public:
  template <typename Stage>
  auto operator()(const char* name, Stage&& stage) {
    const Timings::Scope scope(timings_, name);
    return stage();
  }
  const Timings& timings() const { return timings_; }

 private:
  Timings timings_;
};

Detection nothing_yet(const ModelSet& models, const Image& image, const PipelineConfig& config) {
  Detection found;
  found.width = image.width;
  found.height = image.height;
  found.models = models.ids();
  found.profile = config.name;
  found.resize = config.resize;
  return found;
}

std::unique_ptr<ImageSession> open(const ModelSet& models, const Image& image, const PipelineConfig& config) {
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

// The boxes found for a single object (ObjectChoice::kBelowShare) are no objects to compare with each other.
std::vector<InspectedObject> compared_objects(const Detection& found, const HybridPrompt& prompt) {
  if (found.objects.size() == 1 || prompt.object_count.value_or(1) > 1) return found.objects;
  return {InspectedObject::whole_image(found.width, found.height)};
}

struct Proposals {
  std::vector<BoxCandidate> boxes;
  std::vector<const TextQuery*> asked;  // for each box
};

Proposals propose(ImageSession& session, std::span<const TextQuery> queries) {
  std::vector<std::vector<std::string>> captions;
  for (const TextQuery& query : queries) captions.push_back(query.phrases);
  const std::vector<std::vector<BoxCandidate>> answers = session.propose_each(captions);
  AVLM_CHECK(answers.size() == queries.size());
  Proposals all;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    all.boxes.insert(all.boxes.end(), answers[i].begin(), answers[i].end());
    all.asked.resize(all.boxes.size(), &queries[i]);
  }
  return all;
}

// In the order of the boxes. Many of a large picture would take more memory than there is, so that those are
// asked for by and by, the most confident first, until the limit is reached.
std::vector<RegionMask> masks_of(ImageSession& session, std::span<const BoxCandidate> boxes,
                                 std::size_t memory, std::vector<std::string>& notes) {
  constexpr std::size_t kAtOnce = 64;
  if (boxes.empty()) return {};
  if (boxes.size() <= kAtOnce) return session.refine(boxes);
  std::vector<std::size_t> order(boxes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return boxes[i].score > boxes[j].score; });
  std::vector<RegionMask> masks(boxes.size());
  std::size_t taken = 0, done = 0;
  while (done < order.size() && taken <= memory) {
    const std::span<const std::size_t> some =
        std::span(order).subspan(done, std::min(kAtOnce, order.size() - done));
    std::vector<BoxCandidate> asked;
    for (const std::size_t i : some) asked.push_back(boxes[i]);
    std::vector<RegionMask> answers = session.refine(asked);
    AVLM_CHECK(answers.size() == some.size());
    for (std::size_t k = 0; k < some.size(); ++k) {
      taken += answers[k].values.size() * sizeof(float);
      masks[some[k]] = std::move(answers[k]);
    }
    done += some.size();
  }
  if (done < order.size())
    notes.push_back(
        fmt::format("Of {} proposals only the {} most confident were looked at: their masks take {} MB.",
                    boxes.size(), done, taken >> 20));
  return masks;
}

Candidates refine(ImageSession& session, std::span<const BoxCandidate> boxes, const PipelineConfig& config,
                  std::vector<std::string>& notes) {
  std::vector<RegionMask> masks = masks_of(session, boxes, config.mask_memory, notes);
  AVLM_CHECK(masks.size() == boxes.size());
  Candidates candidates(boxes.size());
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    candidates[i].id = static_cast<int>(i);
    candidates[i].box = boxes[i].box;
    candidates[i].phrase = boxes[i].phrase;
    candidates[i].confidence = boxes[i].score;
    candidates[i].mask = config.soft_masks ? std::move(masks[i]) : binarised(std::exchange(masks[i], {}));
  }
  return candidates;
}

std::span<const Candidate> kept(const Detection& found) {
  return std::span(found.candidates).first(found.kept);
}

std::size_t count_kept(const Candidates& candidates) {
  return static_cast<std::size_t>(std::count_if(
      candidates.begin(), candidates.end(), [](const Candidate& c) { return !c.rejected_by.has_value(); }));
}

double maximum(const FloatMap& map) {
  return map.values.empty() ? 0
                            : static_cast<double>(*std::max_element(map.values.begin(), map.values.end()));
}

}  // namespace

Detection detect(const ModelSet& models, const Image& image, const HybridPrompt& prompt,
                 const PipelineConfig& config) {
  validate(prompt);
  Detection found = nothing_yet(models, image, config);
  Stopwatch timed;
  const std::vector<TextQuery> queries = text_queries(prompt, config);

  const auto session = timed("open", [&] { return open(models, image, config); });
  found.objects = timed("object", [&] { return inspected_objects(*session, image, prompt, found.notes); });
  const Proposals proposals = timed("propose", [&] { return propose(*session, queries); });
  found.candidates = timed("refine", [&] { return refine(*session, proposals.boxes, config, found.notes); });
  timed("filter", [&] { filter(image, found.objects, prompt, config, proposals.asked, found.candidates); });
  found.saliency = timed("saliency", [&] { return session->saliency(compared_objects(found, prompt)); });
  timed("rescore", [&] { rescore(found.saliency, config.stages, found.candidates); });
  timed("select", [&] { select(prompt.max_regions.value_or(0), found.candidates); });
  found.kept = count_kept(found.candidates);
  found.anomaly = timed("fuse", [&] { return fuse(kept(found), image.width, image.height, config.fusion); });
  found.image_score = maximum(found.anomaly);

  for (const std::string& note : session->notes()) found.notes.push_back(note);
  found.timings = timed.timings().stages();
  return found;
}

}  // namespace anomalyvlm
