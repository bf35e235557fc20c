#include "methods/dense_method.h"

#include <algorithm>
#include <utility>

#include "core/check.h"
#include "image/resize.h"
#include "methods/content.h"
#include "methods/dense.h"
#include "roles/stage_clock.h"

namespace anomalyvlm {

DenseMethod::DenseMethod(DenseMethodOptions options)
    : Method(std::make_shared<const DenseJudge>(options.words)), options_(std::move(options)) {}

std::string DenseMethod::question_of(const HybridPrompt& prompt) const {
  switch (options_.words) {
    case PromptWords::kNone:
      break;
    case PromptWords::kObject:
      return prompt.object;
    case PromptWords::kPhrases:
      return fmt::format("{}", fmt::join(sought_phrases(prompt), "\x1f"));
  }
  return {};
}

std::vector<Evidence> DenseMethod::observe(const Image& image, std::span<const HybridPrompt> prompts,
                                           const DetectSettings& settings) const {
  const bool tiled = needs_tiles(image.width, image.height, options_.tiles);
  std::vector<Evidence> all;
  for (const HybridPrompt& prompt : prompts) {
    const auto same = std::find_if(prompts.begin(), prompts.end(), [&](const HybridPrompt& other) {
      return question_of(other) == question_of(prompt);
    });
    const auto first = static_cast<std::size_t>(same - prompts.begin());
    if (first < all.size()) {
      all.push_back(all[first]);
    } else {
      all.push_back(tiled ? in_tiles(image, prompt, settings) : whole(image, prompt, settings));
    }
  }
  return all;
}

DenseObservation DenseMethod::look_squashed(const Image& image, const HybridPrompt& prompt,
                                            const DetectSettings& settings) const {
  const int resize = options_.resize;
  if (resize == 0) return look(image, prompt, settings);
  DenseObservation seen = look(resize_pil_bilinear(image, resize, resize), prompt, settings);
  seen.map = resize_linear(seen.map, image.width, image.height);
  if (!seen.phrase.values.empty()) seen.phrase = resize_nearest(seen.phrase, image.width, image.height);
  const float across = static_cast<float>(image.width) / static_cast<float>(resize),
              down = static_cast<float>(image.height) / static_cast<float>(resize);
  seen.evidence = {seen.evidence.x0 * across, seen.evidence.y0 * down, seen.evidence.x1 * across,
                   seen.evidence.y1 * down};
  return seen;
}

Evidence DenseMethod::nothing_yet(const Image& image) const {
  Evidence evidence;
  evidence.width = image.width;
  evidence.height = image.height;
  evidence.objects = {InspectedObject::whole_image(image.width, image.height)};
  evidence.models = ids_of(options_.models);
  evidence.profile = options_.name;
  evidence.resize = options_.resize;
  if (const auto note = content_note(image)) evidence.notes.push_back(*note);
  return evidence;
}

Evidence DenseMethod::whole(const Image& image, const HybridPrompt& prompt,
                            const DetectSettings& settings) const {
  StageClock timed(settings);
  timed.tell(0, 1);
  DenseObservation seen = timed("observe", [&] { return look_squashed(image, prompt, settings); });
  timed.tell(1, 1);
  Evidence evidence = nothing_yet(image);
  evidence.notes.insert(evidence.notes.end(), seen.notes.begin(), seen.notes.end());
  const double known = static_cast<double>(seen.evidence.area()) / image.width / image.height;
  constexpr double kAll = 0.995;
  if (known < kAll)
    evidence.notes.push_back(
        fmt::format("The method {} judges the middle of an image, {:.0f} % of this one; tiles (--tile) cover "
                    "more.",
                    options_.name, 100 * known));
  evidence.found = DenseEvidence{std::move(seen.map), seen.score, std::move(seen.phrase)};
  evidence.timings = timed.times();
  return evidence;
}

Evidence DenseMethod::in_tiles(const Image& image, const HybridPrompt& prompt,
                               const DetectSettings& settings) const {
  StageClock timed(settings);
  const std::vector<Tile> tiles = cut(image.width, image.height, options_.tiles);
  Evidence evidence = nothing_yet(image);
  DenseEvidence dense{{image.width, image.height, std::vector<float>(image.rgb.size() / 3)}, 0};
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    timed.tell(t, tiles.size());
    const DenseObservation seen =
        timed("observe", [&] { return look_squashed(crop(image, tiles[t].seen), prompt, settings); });
    paste(seen.map, tiles[t], dense.map);
    if (!seen.phrase.values.empty()) {
      if (dense.phrase.values.empty())
        dense.phrase = {image.width, image.height, std::vector<float>(dense.map.values.size())};
      paste(seen.phrase, tiles[t], dense.phrase);
    }
    dense.score = std::max(dense.score, seen.score);
    for (const std::string& note : seen.notes)
      if (std::find(evidence.notes.begin(), evidence.notes.end(), note) == evidence.notes.end())
        evidence.notes.push_back(note);
  }
  timed.tell(tiles.size(), tiles.size());
  evidence.found = std::move(dense);
  evidence.timings = timed.times();
  evidence.tile = options_.tiles.size;
  evidence.tile_overlap = options_.tiles.overlap;
  return evidence;
}

}  // namespace anomalyvlm
