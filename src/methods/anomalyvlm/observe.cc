// What the models say of an image, whole or in tiles; and the method that consists of that and of judge().
#include <algorithm>
#include <optional>
#include <utility>

#include "core/check.h"
#include "methods/anomalyvlm/candidate_steps.h"
#include "methods/anomalyvlm/observer.h"
#include "methods/anomalyvlm/pipeline.h"
#include "methods/anomalyvlm/proposals.h"
#include "methods/anomalyvlm/tile_regions.h"
#include "regions/combine.h"

namespace anomalyvlm {
namespace {

// Of large images in tiles: the least confident go where all regions together would take too much.
void limit_memory(std::vector<TileCandidate>& candidates, std::size_t memory,
                  std::vector<std::string>& notes) {
  std::size_t taken = 0;
  std::vector<double> confidence;
  std::vector<std::size_t> bytes;
  for (const TileCandidate& each : candidates) {
    confidence.push_back(each.candidate.confidence);
    bytes.push_back(each.candidate.mask.bytes());
    taken += bytes.back();
  }
  if (taken <= memory) return;
  // Half, so that it is not repeated after each tile.
  const std::vector<bool> fits = most_confident_that_fit(confidence, bytes, memory / 2);
  std::vector<TileCandidate> stay;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (fits[i]) stay.push_back(std::move(candidates[i]));
  candidates = std::move(stay);
  const char* note =
      "The least confident regions of this large image were left out: all masks take too much memory.";
  if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.emplace_back(note);
}

Box moved(const Box& b, float x, float y) { return {b.x0 + x, b.y0 + y, b.x1 + x, b.y1 + y}; }

// An image in tiles, each of which all prompts ask about before the next is opened.
class TileObservation {
 public:
  TileObservation(const ModelSet& models, const Image& image, std::span<const HybridPrompt> prompts,
                  const PipelineConfig& config, const DetectSettings& settings)
      : models_(models), image_(image), prompts_(prompts), config_(config), settings_(settings) {
    for (const HybridPrompt& prompt : prompts) {
      seen_.push_back(nothing_yet(models, image, config));
      queries_.push_back(text_queries(prompt, config));
      timed_.emplace_back(settings);
    }
  }

  std::vector<Evidence> operator()() {
    find_objects_in_whole();
    const std::vector<Tile> tiles = cut(image_.width, image_.height, config_.tiles);
    std::vector<std::vector<TileCandidate>> parts(seen_.size());
    FloatMap saliency{image_.width, image_.height, {}};
    saliency.values.resize(image_.rgb.size() / 3);
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      timed_[0].tell(t, tiles.size());
      const Image piece = crop(image_, tiles[t].seen);
      ImageSession session(models_, piece, stage_options(config_, settings_), config_.resize, settings_);
      for (std::size_t i = 0; i < seen_.size(); ++i) {
        if (i > 0) session.start_over(settings_);
        look_at_tile(session, i, t, tiles[t], parts[i]);
        if (i == 0) add_saliency(session, piece, tiles[t], saliency);
        timed_[i].add(session.clock());
      }
    }
    timed_[0].tell(tiles.size(), tiles.size());
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      timed_[i]("join", [&] { join_tiles(i, std::move(parts[i]), tiles, saliency); });
      seen_[i].timings = timed_[i].times();
    }
    return std::move(seen_);
  }

 private:
  // An object is larger than a tile.
  void find_objects_in_whole() {
    std::optional<ImageSession> session;
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      timed_[i](stages::kObject, [&] {
        if (prompts_[i].object.empty()) {
          seen_[i].objects = {InspectedObject::whole_image(image_.width, image_.height)};
          return;
        }
        if (session)
          session->start_over(settings_);
        else
          session.emplace(models_, image_, stage_options(config_, settings_), config_.resize, settings_);
        seen_[i].objects = inspected_objects(*session, image_, prompts_[i], seen_[i].notes);
        for (const std::string& note : session->notes()) seen_[i].notes.push_back(note);
      });
    }
  }

  void look_at_tile(ImageSession& session, std::size_t i, std::size_t index, const Tile& tile,
                    std::vector<TileCandidate>& all) {
    const Proposals proposals = propose(session, queries_[i]);
    std::vector<std::string> notes;
    Candidates candidates =
        session.clock()(stages::kRefine, [&] { return refine(session, proposals.found, config_, notes); });
    const auto x0 = static_cast<float>(tile.seen.x0), y0 = static_cast<float>(tile.seen.y0);
    for (std::size_t k = 0; k < candidates.size(); ++k) {
      Candidate& candidate = candidates[k];
      candidate.box = moved(candidate.box, x0, y0);
      candidate.proposal_box = moved(candidate.proposal_box, x0, y0);
      candidate.mask.move(tile.seen.x0, tile.seen.y0);
      all.push_back({std::move(candidate), index, proposals.asked[k]});
    }
    limit_memory(all, config_.region_memory, notes);
    for (const std::string& note : session.notes()) notes.push_back(note);
    for (std::string& note : notes)
      if (std::find(seen_[i].notes.begin(), seen_[i].notes.end(), note) == seen_[i].notes.end())
        seen_[i].notes.push_back(std::move(note));
  }

  void add_saliency(ImageSession& session, const Image& piece, const Tile& tile, FloatMap& whole) const {
    session.clock()(stages::kSaliency, [&] {
      const InspectedObject all = InspectedObject::whole_image(piece.width, piece.height);
      paste(session.saliency({&all, 1}), tile, whole);
    });
  }

  void join_tiles(std::size_t i, std::vector<TileCandidate> parts, std::span<const Tile> tiles,
                  const FloatMap& saliency) {
    Evidence& seen = seen_[i];
    Candidates candidates;
    std::vector<const TextQuery*> asked;
    std::size_t left_out = 0;
    for (TileCandidate& region : join(std::move(parts), tiles, config_.region_memory, &left_out)) {
      region.candidate.id = static_cast<int>(candidates.size());
      asked.push_back(region.asked);
      candidates.push_back(std::move(region.candidate));
    }
    if (left_out > 0)
      seen.notes.push_back(fmt::format(
          "{} regions of this large image were left out: their masks take too much memory.", left_out));
    place(seen.objects, config_, asked, candidates);
    seen.saliency = saliency;
    measure_saliency(saliency, candidates);
    seen.found = RegionEvidence{std::move(candidates)};
    seen.tile = config_.tiles.size;
    seen.tile_overlap = config_.tiles.overlap;
  }

  const ModelSet& models_;
  const Image& image_;
  std::span<const HybridPrompt> prompts_;
  const PipelineConfig& config_;
  const DetectSettings& settings_;
  std::vector<std::vector<TextQuery>> queries_;  // of each prompt
  std::vector<Evidence> seen_;
  std::vector<StageClock> timed_;
};

std::vector<Evidence> observe_whole(const ModelSet& models, const Image& image,
                                    std::span<const HybridPrompt> prompts, const PipelineConfig& config,
                                    const DetectSettings& settings) {
  const StageClock clock(settings);
  clock.tell(0, 1);
  PipelineObserver observer(models, image, config, prompts.size() > 1);
  std::vector<Evidence> seen;
  for (const HybridPrompt& prompt : prompts) seen.push_back(observer.observe(prompt, settings));
  clock.tell(1, 1);
  return seen;
}

}  // namespace

std::vector<Evidence> observe(const ModelSet& models, const Image& image,
                              std::span<const HybridPrompt> prompts, const PipelineConfig& config,
                              const DetectSettings& settings) {
  if (needs_tiles(image.width, image.height, config.tiles))
    return TileObservation(models, image, prompts, config, settings)();
  return observe_whole(models, image, prompts, config, settings);
}

}  // namespace anomalyvlm
