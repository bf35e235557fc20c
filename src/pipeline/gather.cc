// What the models say of an image, whole or in tiles.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/check.h"
#include "core/timings.h"
#include "pipeline/candidates.h"
#include "pipeline/content.h"
#include "pipeline/pipeline.h"
#include "pipeline/region_mask.h"
#include "pipeline/squash.h"
#include "pipeline/tiles.h"

namespace anomalyvlm {
namespace {

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

// In the order of the boxes. Many of a large image would take more memory than there is, so that those are
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
    candidates[i].proposal_box = boxes[i].box;
    candidates[i].phrase = boxes[i].phrase;
    candidates[i].confidence = boxes[i].score;
    candidates[i].named = boxes[i].named;
    candidates[i].mask = config.soft_masks ? std::move(masks[i]) : binarised(std::exchange(masks[i], {}));
    candidates[i].box = box_of(candidates[i].mask).value_or(boxes[i].box);
  }
  return candidates;
}

// Of large images in tiles: the least confident go where all masks together would take too much.
void limit_memory(std::vector<TileCandidate>& candidates, std::size_t memory,
                  std::vector<std::string>& notes) {
  const auto bytes = [](const TileCandidate& c) { return c.candidate.mask.values.size() * sizeof(float); };
  std::size_t taken = 0;
  for (const TileCandidate& candidate : candidates) taken += bytes(candidate);
  if (taken <= memory) return;
  std::vector<std::size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    return candidates[i].candidate.confidence < candidates[j].candidate.confidence;
  });
  std::vector<bool> gone(candidates.size(), false);
  for (const std::size_t i : order) {
    if (taken <= memory / 2) break;  // half, so that it is not done anew after each tile
    taken -= bytes(candidates[i]);
    gone[i] = true;
  }
  std::vector<TileCandidate> stay;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (!gone[i]) stay.push_back(std::move(candidates[i]));
  candidates = std::move(stay);
  const char* note =
      "The least confident regions of this large image were left out: all masks take too much memory.";
  if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.emplace_back(note);
}

Box moved(const Box& b, float x, float y) { return {b.x0 + x, b.y0 + y, b.x1 + x, b.y1 + y}; }

// Damaged weights must not pass for an image without defects.
FloatMap checked(FloatMap saliency) {
  if (!std::all_of(saliency.values.begin(), saliency.values.end(), [](float v) { return std::isfinite(v); }))
    fail(ErrorKind::kBadModel,
         "The model's weights give a saliency that is not a number; the file is damaged.");
  return saliency;
}

class Gathering {
  // Carries out a stage of prompt i and notes how long it took.
  template <typename Stage>
  auto timed(std::size_t i, const char* name, Stage&& stage) {
    const Timings::Scope scope(timings_[i], name);
    return stage();
  }

 public:
  Gathering(const ModelSet& models, const Image& image, std::span<const HybridPrompt> prompts,
            const PipelineConfig& config, const DetectProgress& progress)
      : models_(models), image_(image), prompts_(prompts), config_(config), progress_(progress) {
    for (const HybridPrompt& prompt : prompts) {
      validate(prompt);
      found_.push_back(nothing_yet(models, image, config));
      queries_.push_back(text_queries(prompt, config));
    }
    timings_.resize(prompts.size());
    if (const auto note = content_note(image))
      for (Detection& found : found_) found.notes.push_back(*note);
  }

  std::vector<Detection> whole() {
    tell(0, 1);
    const auto session = timed(0, "open", [&] { return open(models_, image_, config_); });
    for (std::size_t i = 0; i < found_.size(); ++i) {
      Detection& found = found_[i];
      if (i > 0) session->start_over();
      timed(i, "object", [&] { find_objects(*session, i); });
      const Proposals proposals = timed(i, "propose", [&] { return propose(*session, queries_[i]); });
      found.candidates =
          timed(i, "refine", [&] { return refine(*session, proposals.boxes, config_, found.notes); });
      place(found.objects, config_, proposals.asked, found.candidates);
      timed(i, "saliency", [&] {
        found.saliency = same_objects(i) ? found_[i - 1].saliency
                                         : checked(session->saliency(compared_objects(found, prompts_[i])));
        measure_saliency(found.saliency, found.candidates);
      });
      for (const std::string& note : session->notes()) found.notes.push_back(note);
    }
    tell(1, 1);
    return finished();
  }

  std::vector<Detection> in_tiles() {
    find_objects_in_whole();
    const std::vector<Tile> tiles = cut(image_.width, image_.height, config_.tiles);
    std::vector<std::vector<TileCandidate>> parts(found_.size());
    FloatMap saliency{image_.width, image_.height, {}};
    saliency.values.resize(image_.rgb.size() / 3);
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      tell(t, tiles.size());
      const Image piece = crop(image_, tiles[t].seen);
      const auto session = timed(0, "open", [&] { return open(models_, piece, config_); });
      for (std::size_t i = 0; i < found_.size(); ++i) {
        if (i > 0) session->start_over();
        look_at_tile(*session, i, t, tiles[t], parts[i]);
      }
      timed(0, "saliency", [&] {
        const InspectedObject all = InspectedObject::whole_image(piece.width, piece.height);
        paste(checked(session->saliency({&all, 1})), tiles[t], saliency);
      });
    }
    tell(tiles.size(), tiles.size());
    for (std::size_t i = 0; i < found_.size(); ++i)
      timed(i, "join", [&] { join_tiles(i, std::move(parts[i]), tiles, saliency); });
    return finished();
  }

 private:
  void tell(std::size_t done, std::size_t all) const {
    if (progress_ && !progress_(static_cast<int>(done), static_cast<int>(all)))
      throw Cancelled(fmt::format("The caller ended the work after {} of {} tiles.", done, all));
  }

  // Whether the prompt before inspects the same objects.
  bool same_objects(std::size_t i) const {
    return i > 0 && prompts_[i].object == prompts_[i - 1].object &&
           prompts_[i].object_count == prompts_[i - 1].object_count;
  }

  void find_objects(ImageSession& session, std::size_t i) {
    found_[i].objects = same_objects(i) ? found_[i - 1].objects
                                        : inspected_objects(session, image_, prompts_[i], found_[i].notes);
  }

  // An object is larger than a tile.
  void find_objects_in_whole() {
    std::unique_ptr<ImageSession> session;
    for (std::size_t i = 0; i < found_.size(); ++i) {
      timed(i, "object", [&] {
        if (!session && !prompts_[i].object.empty()) session = open(models_, image_, config_);
        if (!session) {
          found_[i].objects = {InspectedObject::whole_image(image_.width, image_.height)};
          return;
        }
        if (i > 0) session->start_over();
        find_objects(*session, i);
        for (const std::string& note : session->notes()) found_[i].notes.push_back(note);
      });
    }
  }

  void look_at_tile(ImageSession& session, std::size_t i, std::size_t index, const Tile& tile,
                    std::vector<TileCandidate>& all) {
    const Proposals proposals = timed(i, "propose", [&] { return propose(session, queries_[i]); });
    std::vector<std::string> notes;
    Candidates candidates =
        timed(i, "refine", [&] { return refine(session, proposals.boxes, config_, notes); });
    const auto x0 = static_cast<float>(tile.seen.x0), y0 = static_cast<float>(tile.seen.y0);
    for (std::size_t k = 0; k < candidates.size(); ++k) {
      Candidate& candidate = candidates[k];
      candidate.box = moved(candidate.box, x0, y0);
      candidate.proposal_box = moved(candidate.proposal_box, x0, y0);
      candidate.mask.x0 += tile.seen.x0;
      candidate.mask.y0 += tile.seen.y0;
      all.push_back({std::move(candidate), index, proposals.asked[k]});
    }
    limit_memory(all, config_.mask_memory, notes);
    for (const std::string& note : session.notes()) notes.push_back(note);
    for (std::string& note : notes)
      if (std::find(found_[i].notes.begin(), found_[i].notes.end(), note) == found_[i].notes.end())
        found_[i].notes.push_back(std::move(note));
  }

  void join_tiles(std::size_t i, std::vector<TileCandidate> parts, std::span<const Tile> tiles,
                  const FloatMap& saliency) {
    Detection& found = found_[i];
    std::vector<const TextQuery*> asked;
    std::size_t left_out = 0;
    for (TileCandidate& region : join(std::move(parts), tiles, config_.mask_memory, &left_out)) {
      region.candidate.id = static_cast<int>(found.candidates.size());
      asked.push_back(region.asked);
      found.candidates.push_back(std::move(region.candidate));
    }
    if (left_out > 0)
      found.notes.push_back(fmt::format(
          "{} regions of this large image were left out: their masks take too much memory.", left_out));
    place(found.objects, config_, asked, found.candidates);
    found.saliency = saliency;
    measure_saliency(saliency, found.candidates);
    found.tile = config_.tiles.size;
    found.tile_overlap = config_.tiles.overlap;
  }

  std::vector<Detection> finished() {
    for (std::size_t i = 0; i < found_.size(); ++i) found_[i].timings = timings_[i].stages();
    return std::move(found_);
  }

  const ModelSet& models_;
  const Image& image_;
  std::span<const HybridPrompt> prompts_;
  const PipelineConfig& config_;
  const DetectProgress& progress_;
  std::vector<std::vector<TextQuery>> queries_;  // of each prompt
  std::vector<Detection> found_;
  std::vector<Timings> timings_;
};

}  // namespace

std::vector<Detection> gather(const ModelSet& models, const Image& image,
                              std::span<const HybridPrompt> prompts, const PipelineConfig& config,
                              const DetectProgress& progress) {
  Gathering gathering(models, image, prompts, config, progress);
  return needs_tiles(image.width, image.height, config.tiles) ? gathering.in_tiles() : gathering.whole();
}

}  // namespace anomalyvlm
