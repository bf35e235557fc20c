#include "eval/run/evidence.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/check.h"
#include "regions/rle.h"
#include "weights/safetensors.h"

namespace anomalyvlm::eval {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "anomalyvlm.evidence 2";

Json to_json(const Box& box) { return {box.x0, box.y0, box.x1, box.y1}; }

Box to_box(const Json& json) { return {json.at(0), json.at(1), json.at(2), json.at(3)}; }

std::string run_lengths(const Region& region, const PixelRect& frame) {
  return compress_rle(encode_rle(region, frame));
}

std::size_t pixels(int width, int height) {
  if (width < 0 || height < 0) fail(ErrorKind::kBadModel, "a mask has a negative size");
  return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

// Soft regions lie one after the other in one tensor, binary ones as run lengths in the text.
class Writer {
 public:
  Json candidate(const Candidate& c) {
    Json json = {{"id", c.id},
                 {"box", to_json(c.box)},
                 {"proposal_box", to_json(c.proposal_box)},
                 {"phrase", c.phrase},
                 {"confidence", c.confidence},
                 {"named", c.named},
                 {"saliency", c.saliency},
                 {"object", c.object},
                 {"mask", mask(c.mask)}};
    if (c.rejected_by) {
      json["rejected"] = {static_cast<int>(c.rejected_by->by), c.rejected_by->value, c.rejected_by->text};
      if (!c.rejected_by->reference.empty()) json["rejected"].push_back(c.rejected_by->reference);
    }
    return json;
  }

  std::vector<float> take_soft() { return std::move(soft_); }

 private:
  Json mask(const Region& region) {
    const PixelRect& rect = region.rect();
    Json json = {{"rect", {rect.x0, rect.y0, rect.width(), rect.height()}}};
    if (region.empty()) return json;
    if (region.is_binary()) {
      json["runs"] = run_lengths(region, rect);
    } else {
      json["at"] = soft_.size();
      soft_.insert(soft_.end(), region.soft_values().begin(), region.soft_values().end());
    }
    return json;
  }

  std::vector<float> soft_;
};

Json to_json(const InspectedObject& object, int width, int height) {
  Json json = {{"box", to_json(object.box)}, {"score", object.score}};
  if (!object.mask.empty()) json["runs"] = run_lengths(object.mask, {0, 0, width, height});
  return json;
}

InspectedObject to_object(const Json& json, int width, int height) {
  InspectedObject object{to_box(json.at("box")), {}, json.at("score")};
  if (json.contains("runs"))
    object.mask = decode_region(decompress_rle(json["runs"].get<std::string>(), width, height), 0, 0);
  return object;
}

Region to_region(const Json& json, std::span<const float> soft, int width, int height) {
  const Json& place = json.at("rect");
  const int x0 = place.at(0), y0 = place.at(1), columns = place.at(2), rows = place.at(3);
  const std::size_t size = pixels(columns, rows);
  if (size == 0) return {};
  if (x0 < 0 || y0 < 0 || columns > width - x0 || rows > height - y0)
    fail(ErrorKind::kBadModel, "a mask lies outside of the image");
  if (json.contains("runs"))
    return decode_region(decompress_rle(json["runs"].get<std::string>(), columns, rows), x0, y0);
  const std::size_t at = json.at("at");
  if (at > soft.size() || size > soft.size() - at) fail(ErrorKind::kBadModel, "a mask is missing");
  const std::span<const float> values = soft.subspan(at, size);
  if (!std::all_of(values.begin(), values.end(), [](float v) { return v >= 0 && v <= 1; }))
    fail(ErrorKind::kBadModel, "a mask has values outside of 0 to 1");
  return Region::soft({x0, y0, x0 + columns, y0 + rows}, {values.begin(), values.end()});
}

Candidate to_candidate(const Json& json, std::span<const float> soft, const Evidence& evidence) {
  Candidate c;
  c.id = json.at("id");
  c.box = to_box(json.at("box"));
  c.proposal_box = to_box(json.at("proposal_box"));
  c.phrase = json.at("phrase");
  c.confidence = json.at("confidence");
  c.named = json.at("named");
  c.saliency = json.at("saliency");
  c.object = json.at("object");
  if (c.object < 0 || static_cast<std::size_t>(c.object) >= evidence.objects.size())
    fail(ErrorKind::kBadModel, "a candidate belongs to no object");
  c.mask = to_region(json.at("mask"), soft, evidence.width, evidence.height);
  if (json.contains("rejected")) {
    const Json& rejected = json["rejected"];
    c.rejected_by = {static_cast<Rejection::By>(rejected.at(0).get<int>()), -1, rejected.at(1),
                     rejected.at(2), rejected.size() > 3 ? rejected.at(3).get<std::string>() : ""};
  }
  return c;
}

// As grey levels between 0 and the maximum, which is kept beside them.
Tensor as_levels(const FloatMap& map, double& full) {
  full = 0;
  for (const float value : map.values) full = std::max(full, static_cast<double>(value));
  std::vector<std::uint8_t> levels;
  levels.reserve(map.values.size());
  for (const float value : map.values) {
    const double share = full > 0 ? std::clamp(static_cast<double>(value) / full, 0.0, 1.0) : 0;
    levels.push_back(static_cast<std::uint8_t>(std::lround(255 * share)));
  }
  return Tensor::from({map.height, map.width}, std::move(levels));
}

FloatMap from_levels(const Tensor& levels, double full, int width, int height) {
  if (levels.dtype() != DType::kU8 || levels.shape() != Shape{height, width})
    fail(ErrorKind::kBadModel, "the saliency is of another size than the image");
  FloatMap map{width, height, {}};
  for (const std::uint8_t level : levels.values<std::uint8_t>())
    map.values.push_back(static_cast<float>(level * full / 255));
  return map;
}

// The tensor with the map of a method that scores each pixel, for prompt number `index`.
std::string map_name(std::size_t index) { return fmt::format("map{}", index); }
std::string phrase_name(std::size_t index) { return fmt::format("phrase{}", index); }

Json to_json(const Evidence& evidence, Writer& writer) {
  Json json = {{"objects", Json::array()}, {"candidates", Json::array()}, {"notes", evidence.notes}};
  for (const InspectedObject& object : evidence.objects)
    json["objects"].push_back(to_json(object, evidence.width, evidence.height));
  if (const auto* regions = std::get_if<RegionEvidence>(&evidence.found))
    for (const Candidate& c : regions->candidates) json["candidates"].push_back(writer.candidate(c));
  if (const auto* dense = std::get_if<DenseEvidence>(&evidence.found)) json["score"] = dense->score;
  return json;
}

FloatMap to_map(const Tensor& tensor, int width, int height) {
  if (tensor.dtype() != DType::kF32 || tensor.shape() != Shape{height, width})
    fail(ErrorKind::kBadModel, "the map is of another size than the image");
  FloatMap map{width, height, {tensor.floats().begin(), tensor.floats().end()}};
  if (!std::all_of(map.values.begin(), map.values.end(), [](float v) { return v >= 0 && std::isfinite(v); }))
    fail(ErrorKind::kBadModel, "the map has values that are negative or not finite");
  return map;
}

std::vector<Evidence> parse(const WeightFile& file) {
  const auto text = file.metadata().find("evidence");
  if (text == file.metadata().end()) fail(ErrorKind::kBadModel, "it holds no evidence");
  const Json json = Json::parse(text->second);
  if (json.at("format") != kFormat) fail(ErrorKind::kBadModel, "it is of another version of this program");
  const int width = json.at("width"), height = json.at("height");
  pixels(width, height);
  const Tensor* masks = file.find("masks");
  std::span<const float> soft;
  if (masks != nullptr && masks->dtype() == DType::kF32) soft = masks->floats();
  FloatMap saliency;
  if (const Tensor* levels = file.find("saliency"))
    saliency = from_levels(*levels, json.at("saliency_full"), width, height);
  std::vector<Evidence> all;
  if (json.at("prompts").empty()) fail(ErrorKind::kBadModel, "it is of no prompt");
  for (const Json& item : json.at("prompts")) {
    Evidence& evidence = all.emplace_back();
    evidence.width = width;
    evidence.height = height;
    evidence.notes = item.at("notes").get<std::vector<std::string>>();
    for (const Json& object : item.at("objects"))
      evidence.objects.push_back(to_object(object, width, height));
    evidence.saliency = saliency;
    if (item.contains("score")) {
      DenseEvidence dense{to_map(file.at(map_name(all.size() - 1)), width, height), item["score"]};
      if (const Tensor* phrase = file.find(phrase_name(all.size() - 1)))
        dense.phrase = to_map(*phrase, width, height);
      evidence.found = std::move(dense);
      continue;
    }
    RegionEvidence regions;
    for (const Json& c : item.at("candidates")) regions.candidates.push_back(to_candidate(c, soft, evidence));
    evidence.found = std::move(regions);
  }
  return all;
}

}  // namespace

void write_evidence(const std::filesystem::path& file, std::span<const Evidence> evidence) {
  AVLM_CHECK(!evidence.empty());
  double full = 0;
  WeightFile::Tensors tensors;
  if (!evidence[0].saliency.values.empty()) tensors["saliency"] = as_levels(evidence[0].saliency, full);
  Json json = {{"format", kFormat},
               {"width", evidence[0].width},
               {"height", evidence[0].height},
               {"saliency_full", full},
               {"prompts", Json::array()}};
  Writer writer;
  for (std::size_t i = 0; i < evidence.size(); ++i) {
    json["prompts"].push_back(to_json(evidence[i], writer));
    const auto* dense = std::get_if<DenseEvidence>(&evidence[i].found);
    if (dense == nullptr) continue;
    tensors[map_name(i)] = Tensor::from({dense->map.height, dense->map.width}, dense->map.values);
    if (!dense->phrase.values.empty())
      tensors[phrase_name(i)] = Tensor::from({dense->map.height, dense->map.width}, dense->phrase.values);
  }
  if (std::vector<float> soft = writer.take_soft(); !soft.empty()) {
    const auto size = static_cast<std::int64_t>(soft.size());
    tensors["masks"] = Tensor::from({size}, std::move(soft));
  }
  write_safetensors(file, tensors, {{"evidence", json.dump(-1, ' ', false, Json::error_handler_t::replace)}});
}

std::vector<Evidence> read_evidence(const std::filesystem::path& file) {
  const auto damaged = [&](const char* why) {
    fail(ErrorKind::kBadModel,
         "'{}' is not evidence of an evaluation: {}. Remove it, and run the evaluation again.", file.string(),
         why);
  };
  std::shared_ptr<const WeightFile> loaded;
  try {
    loaded = load_weights(file);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kIo) throw;
    damaged("the file is damaged");  // what is said of weights does not fit
  }
  try {
    return parse(*loaded);
  } catch (const nlohmann::json::exception&) {
    damaged("its text is damaged");
  } catch (const Error& error) {
    damaged(error.what());
  }
  return {};
}

bool is_evidence(const std::filesystem::path& file) {
  try {
    return load_weights(file)->metadata().contains("evidence");
  } catch (const Error&) {
    return false;
  }
}

}  // namespace anomalyvlm::eval
