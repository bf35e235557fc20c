// The JSON form of a detection. docs/RESULT_FORMAT.md is its description: change both, and the version when
// what a reader relies on changes.
#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "anomalyvlm/detector.h"
#include "anomalyvlm/results.h"
#include "regions/rle.h"
#include "results/consistent.h"

namespace anomalyvlm {
namespace {

using Json = nlohmann::ordered_json;  // keys in the order of the description

constexpr int kVersion = 2;  // 1: a candidate's box was the proposal's

double rounded(double value) { return std::round(value * 1000) / 1000; }

Json to_json(const Box& box) {
  return {rounded(static_cast<double>(box.x0)), rounded(static_cast<double>(box.y0)),
          rounded(static_cast<double>(box.x1)), rounded(static_cast<double>(box.y1))};
}

PixelRect whole(const Detection& detection) { return {0, 0, detection.width, detection.height}; }

Json to_json(const Rle& rle) { return {{"size", {rle.height, rle.width}}, {"counts", compress_rle(rle)}}; }

Json to_json(const Rejection& rejection, const HybridPrompt& prompt) {
  constexpr const char* kBy[] = {"rule",       "max_regions", "object_name",  "empty_mask",
                                 "kind_limit", "not_named",   "ignored_area", "reference"};
  Json json = {{"by", kBy[static_cast<int>(rejection.by)]}};
  const auto index = static_cast<std::size_t>(rejection.rule);  // of those that have none it is beyond all
  if (rejection.by == Rejection::By::kRule && index < prompt.rules.size()) {
    json["rule"] = rejection.rule;
    json["rule_text"] = describe(prompt.rules[index]);
  }
  if (rejection.by == Rejection::By::kKindLimit && index < prompt.kind_limits.size())
    json["limit"] = prompt.kind_limits[index].max_regions;
  if (rejection.by == Rejection::By::kMaxRegions) json["limit"] = prompt.max_regions.value_or(0);
  json["value"] = rejection.value;  // null for NaN
  json["text"] = rejection.text;
  return json;
}

Json to_json(const Candidate& candidate, const Detection& detection, const HybridPrompt& prompt, bool masks) {
  const Rle rle = encode_rle(candidate.mask, whole(detection));
  Json json = {{"id", candidate.id},
               {"kept", !candidate.rejected_by.has_value()},
               {"phrase", candidate.phrase},
               {"box", to_json(candidate.box)},
               {"proposal_box", to_json(candidate.proposal_box)},
               {"area", rle_area(rle)},
               {"confidence", candidate.confidence},
               {"named", candidate.named},
               {"saliency", candidate.saliency},
               {"refined_score", candidate.refined_score},
               {"object", candidate.object}};
  if (candidate.rejected_by) json["rejected_by"] = to_json(*candidate.rejected_by, prompt);
  if (masks) json["mask"] = to_json(rle);
  return json;
}

Json to_json(const InspectedObject& object, const Detection& detection, bool masks) {
  Json json = {{"box", to_json(object.box)}, {"score", object.score}};
  if (object.mask.empty()) return json;
  const Rle rle = encode_rle(object.mask, whole(detection));
  json["area"] = rle_area(rle);
  if (masks) json["mask"] = to_json(rle);
  return json;
}

// The places of the rules of each.
Json criteria(const HybridPrompt& prompt) {
  std::map<int, std::vector<std::size_t>> places;
  for (std::size_t i = 0; i < prompt.rules.size(); ++i)
    if (prompt.rules[i].criterion != 0) places[prompt.rules[i].criterion].push_back(i);
  Json json = Json::array();
  for (const auto& [number, rules] : places) json.push_back(rules);
  return json;
}

Json to_json(const HybridPrompt& prompt) {
  Json rules = Json::array();
  for (const Rule& rule : prompt.rules) rules.push_back(describe(rule));
  Json json = {{"phrases", sought_phrases(prompt)}, {"rules", rules}, {"criteria", criteria(prompt)}};
  json["max_regions"] = prompt.max_regions.value_or(0) > 0 ? Json(*prompt.max_regions) : Json();
  json["kind_limits"] = Json::array();
  for (const KindLimit& limit : prompt.kind_limits)
    json["kind_limits"].push_back({{"phrases", limit.phrases}, {"max_regions", limit.max_regions}});
  json["only_named"] = prompt.only_named;
  json["object"] = prompt.object.empty() ? Json() : Json(prompt.object);
  if (prompt.object_count) json["object_count"] = *prompt.object_count;
  if (prompt.pixel_size_mm) json["pixel_size_mm"] = *prompt.pixel_size_mm;
  return json;
}

Json tiles_of(const Detection& detection) {
  if (detection.tile == 0) return {};
  return {{"size", detection.tile}, {"overlap", detection.tile_overlap}};
}

Json timings_of(const Detection& detection) {
  Json json = Json::object();
  double total = 0;
  for (const auto& [stage, seconds] : detection.timings) {
    json[stage] = seconds;
    total += seconds;
  }
  json["total"] = total;
  return json;
}

Json verdict_of(const Detection& detection) {
  if (detection.verdict == Verdict::kNone) return {};
  return detection.verdict == Verdict::kOk ? "OK" : "not OK";
}

Json ignored_area(const Mask& ignored) {
  if (ignored.values.empty()) return {};
  return ignored.values.size() -
         static_cast<std::size_t>(std::count(ignored.values.begin(), ignored.values.end(), 0));
}

std::uint64_t pixels_above(const Detection& detection, double threshold) {
  std::uint64_t count = 0;
  for (const float value : detection.anomaly.values) count += static_cast<double>(value) > threshold;
  return count;
}

}  // namespace

std::string to_json(const Detection& detection, const HybridPrompt& prompt, const ResultOptions& options) {
  require_consistent(detection);
  const double white = options.full_scale > 0      ? options.full_scale
                       : detection.image_score > 0 ? detection.image_score
                                                   : 1;
  Json json = {{"format", "anomalyvlm.detection"},
               {"version", kVersion},
               {"program", "anomalyvlm " + version()},
               {"input", options.input},
               {"image", {{"width", detection.width}, {"height", detection.height}}},
               {"method", detection.method},
               {"profile", detection.profile},
               {"resize", detection.resize > 0 ? Json(detection.resize) : Json()},
               {"tiles", tiles_of(detection)},
               {"models", detection.models},
               {"prompt", to_json(prompt)},
               {"image_score", detection.image_score},
               {"limit", prompt.limit ? Json(*prompt.limit) : Json()},
               {"verdict", verdict_of(detection)},
               {"p_value", detection.p_value ? Json(*detection.p_value) : Json()},
               {"references", detection.references.empty() ? Json() : Json(detection.references)},
               {"no_content", detection.no_content.empty() ? Json() : Json(detection.no_content)},
               {"ignored_area", ignored_area(detection.ignored)},
               {"threshold", options.mask_threshold},
               {"pixels_above_threshold", pixels_above(detection, options.mask_threshold)},
               {"anomaly_png", {{"black", 0}, {"white", white}, {"bits", options.png_bits}}}};
  json["objects"] = Json::array();
  for (const InspectedObject& object : detection.objects)
    json["objects"].push_back(to_json(object, detection, options.masks_in_json));
  json["candidates"] = Json::array();
  for (const Candidate& candidate : detection.candidates)
    json["candidates"].push_back(to_json(candidate, detection, prompt, options.masks_in_json));
  json["timings"] = timings_of(detection);
  json["notes"] = detection.notes;
  // A file's name need not be UTF-8.
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace anomalyvlm
