// The kind "hybrid_prompts": the released code's property sentences, its choice of boxes, its refinement and
// fusion.
#include <algorithm>

#include "image/resize.h"
#include "methods/anomalyvlm/rescore.h"
#include "methods/candidates.h"
#include "models/grounding_dino/phrases.h"
#include "prompts/saa_ensemble.h"
#include "reference/fuse_over_all.h"
#include "reference/images.h"
#include "reference/runner.h"
#include "reference/saa_property.h"
#include "roles/adapters/saa_plus.h"

namespace anomalyvlm::golden {

namespace {

namespace gdino = grounding_dino;
using Json = nlohmann::json;
using reference::SaaProperty;

void check_equal(Outputs& out, const std::string& name, const Json& got, const Json& expected) {
  const bool ok = got == expected;
  out.check(name, ok, ok ? "" : fmt::format("{} where {} is expected", got.dump(), expected.dump()));
}

// --- property sentences

Json to_json(const SaaProperty& p) {
  return {{"object_prompt", p.object_prompt},
          {"object_caption", gdino::detector_caption(p.object_prompt)},
          {"object_number", p.object_number},
          {"similar", p.similar},
          {"k_mask", p.k_mask},
          {"defect_area_threshold", p.defect_area_threshold},
          {"object_max_area", p.object_max_area},
          {"object_min_area", p.object_min_area}};
}

void check_sentence(const Json& item, const std::string& name, Outputs& out) {
  const auto error = item.find("error");
  try {
    const Json got = to_json(reference::saa_property(item.at("input").get<std::string>()));
    check_equal(out, name, got, error == item.end() ? item.at("expected") : *error);
  } catch (const Error& refused) {
    out.check(name, error != item.end(), error != item.end() ? "" : refused.what());
  }
}

void check_ensemble(const Json& item, const std::string& name, Outputs& out) {
  const auto texts = item.at("defect_prompt_list").get<std::vector<std::string>>();
  const auto filters = item.at("filter_prompt_list").get<std::vector<std::string>>();
  // The general prompts, then the category's own, which the case states.
  std::vector<SaaPrompt> prompts = saa_ensemble(item.at("class").get<std::string>());
  for (std::size_t i = prompts.size(); i < texts.size(); ++i) prompts.push_back({texts[i], filters.at(i)});
  Json got_texts = Json::array(), got_filters = Json::array(), got_captions = Json::array();
  for (const SaaPrompt& prompt : prompts) {
    got_texts.push_back(prompt.text);
    got_filters.push_back(prompt.filter_phrase);
    got_captions.push_back(gdino::detector_caption(prompt.text));
  }
  check_equal(out, name + ".prompts", got_texts, item.at("defect_prompt_list"));
  check_equal(out, name + ".filters", got_filters, item.at("filter_prompt_list"));
  check_equal(out, name + ".captions", got_captions, item.at("captions"));
}

void run_property_parsing(const GoldenCase& golden, Outputs& out) {
  int index = 0;
  for (const Json& item : golden.info.at("parsing"))
    check_sentence(item, fmt::format("parsing.{}", index++), out);
  if (!golden.info.contains("ensembles")) return;
  index = 0;
  for (const Json& item : golden.info["ensembles"])
    check_ensemble(item, fmt::format("ensemble.{}", index++), out);
}

// --- boxes

void run_suppression(const GoldenCase& golden, const Json& item, Outputs& out) {
  const std::string name = item.at("name");
  if (!item.contains("tokens")) throw NotSupported("the subcase '" + name + "' gives no tokens");
  const BoxSuppression limits{item.at("box_threshold"), item.at("text_threshold"), item.at("object_max_area"),
                              item.at("object_min_area"), item.at("filtered_phrase")};
  const Tensor boxes = golden.input(name + ".boxes").to_f32(),
               logits = golden.input(name + ".logits").to_f32();
  const auto kept = suppress_boxes(boxes.floats(), logits.floats(), static_cast<int>(logits.dim(-1)),
                                   item.at("tokens").get<std::vector<std::string>>(), limits);
  std::vector<std::int64_t> index;
  std::vector<float> kept_boxes;
  std::vector<double> scores;
  Json phrases = Json::array();
  for (const KeptBox& box : kept) {
    index.push_back(box.query);
    kept_boxes.insert(kept_boxes.end(), box.cxcywh.begin(), box.cxcywh.end());
    scores.push_back(box.score);
    phrases.push_back(box.label());
  }
  const auto n = static_cast<std::int64_t>(kept.size());
  out.give(name + ".kept_index", Tensor::from({n}, std::move(index)));
  out.give(name + ".boxes_filtered", Tensor::from({n, 4}, std::move(kept_boxes)));
  out.give(name + ".scores", Tensor::from({n}, std::move(scores)));
  const Json& expected = golden.info.at("expected_phrases").at(name);
  check_equal(out, name + ".phrases", phrases, expected.is_null() ? Json::array() : expected.at("phrases"));
  if (item.contains("caption_normalised"))
    check_equal(out, name + ".caption", gdino::detector_caption(item.at("caption").get<std::string>()),
                item["caption_normalised"]);
}

// --- refinement, choice, fusion

struct Regions {
  std::vector<Region> masks;
  FloatMap saliency;
  std::vector<double> scores;
};

std::vector<double> doubles(const Tensor& tensor) {
  if (tensor.dtype() == DType::kF64) {
    const auto values = tensor.values<double>();
    return {values.begin(), values.end()};
  }
  const Tensor floats = tensor.to_f32();
  return {floats.floats().begin(), floats.floats().end()};
}

Regions read_regions(const GoldenCase& golden, const std::string& name) {
  const Tensor& masks = golden.input(name + ".masks");
  const int height = static_cast<int>(masks.dim(1)), width = static_cast<int>(masks.dim(2));
  const auto values = masks.values<std::uint8_t>();
  const std::vector<double> saliency = doubles(golden.input(name + ".similarity_map"));
  Regions regions;
  const auto pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  for (std::size_t at = 0; at + pixels <= values.size(); at += pixels) {
    const auto part = values.subspan(at, pixels);
    regions.masks.push_back(Region::binary({0, 0, width, height}, part));
  }
  regions.saliency = {width, height, {saliency.begin(), saliency.end()}};
  regions.scores = doubles(golden.input(name + ".logits"));
  return regions;
}

std::vector<double> refined(const Regions& regions, double gain) {
  std::vector<double> scores;
  for (std::size_t i = 0; i < regions.masks.size(); ++i)
    scores.push_back(refined_score(regions.scores[i], mean_inside(regions.saliency, regions.masks[i]), gain));
  return scores;
}

void fuse_best(const Regions& regions, std::span<const double> scores, int k, const Json& sizes,
               const std::string& name, Outputs& out) {
  std::vector<std::int64_t> indices;
  std::vector<ScoredRegion> best;
  for (const int i : top_k(scores, k)) {
    indices.push_back(i);
    best.push_back({&regions.masks[static_cast<std::size_t>(i)], scores[static_cast<std::size_t>(i)]});
  }
  const auto fused = [&](FusionDenominator denominator) {
    return fuse(best, regions.saliency.width, regions.saliency.height, denominator);
  };
  const FloatMap released = fused(FusionDenominator::kOnePlusCount);
  const auto count = static_cast<std::int64_t>(indices.size());
  out.give(name + ".topk", Tensor::from({count}, std::move(indices)));
  out.give(name + ".map_official", to_tensor(released));
  out.give(name + ".map_paper_cover", to_tensor(fused(FusionDenominator::kCount)));
  out.give(name + ".map_paper_overK",
           to_tensor(reference::fuse_over_all(best, regions.saliency.width, regions.saliency.height)));
  for (const int size : sizes)
    out.give(fmt::format("{}.out{}.anomaly_map", name, size), to_tensor(resize_linear(released, size, size)));
}

void run_rescore(const GoldenCase& golden, const Json& item, Outputs& out) {
  const std::string name = item.at("name");
  const Regions regions = read_regions(golden, name);
  const std::vector<double> released = refined(regions, 3), paper = refined(regions, 1);
  const auto n = static_cast<std::int64_t>(released.size());
  out.give(name + ".rescored", Tensor::from({n}, released));
  out.give(name + ".rescored_paper", Tensor::from({n}, paper));
  for (const int k : item.at("k_mask"))
    fuse_best(regions, released, k, item.at("out_size"), fmt::format("{}.K{}", name, k), out);
}

}  // namespace

void run_hybrid_prompts(const GoldenCase& golden, GoldenContext&, Outputs& out) {
  if (golden.info.contains("parsing")) return run_property_parsing(golden, out);
  for (const Json& item : golden.info.at("subcases")) {
    if (golden.has_input(item.at("name").get<std::string>() + ".masks")) {
      run_rescore(golden, item, out);
    } else {
      run_suppression(golden, item, out);
    }
  }
}

}  // namespace anomalyvlm::golden
