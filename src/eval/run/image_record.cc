#include "eval/run/image_record.h"

#include <nlohmann/json.hpp>

#include "core/check.h"
#include "core/sha256.h"

namespace anomalyvlm::eval {
namespace {

constexpr const char* kSeal = "seal";

std::string dumped(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Json pairs_to_json(const auto& pairs) {
  Json json = Json::object();
  for (const auto& [name, value] : pairs) json[name] = value;
  return json;
}

}  // namespace

std::string label_name(Label label) {
  return label == Label::kNormal ? "normal" : label == Label::kAnomalous ? "anomalous" : "by mask";
}

std::string seal_of(std::string_view text) {
  return sha256_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}).substr(0, 16);
}

std::string sealed(const Json& object, int indent) {
  // What is no UTF-8 is replaced before the digest is taken: it is of what can be read back.
  Json whole = Json::parse(dumped(object));
  whole[kSeal] = seal_of(dumped(whole));
  return dumped(whole, indent) + "\n";
}

std::optional<Json> unsealed(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains(kSeal)) return std::nullopt;
  const Json seal = json[kSeal];
  json.erase(kSeal);
  if (seal != seal_of(dumped(json))) return std::nullopt;
  return json;
}

std::string to_line(const ImageRecord& record) {
  return sealed({{"index", record.index},
                 {"image", record.id},
                 {"kind", record.kind},
                 {"label", record.label},
                 {"size", {record.width, record.height}},
                 {"anomalous", record.anomalous},
                 {"score", record.score},
                 {"kept", record.kept},
                 {"candidates", record.candidates},
                 {"seconds", pairs_to_json(record.seconds)},
                 {"notes", record.notes},
                 {"files", to_json(record.files)},
                 {"evidence_sha256", record.evidence_sha256},
                 {"run", record.run},
                 {"by", pairs_to_json(record.by)}});
}

ImageRecord from_line(std::string_view line) {
  const std::optional<Json> read = unsealed(line);
  if (!read) fail(ErrorKind::kBadInput, "a line of the run's results is damaged");
  const Json& json = *read;
  ImageRecord record;
  record.index = json.at("index");
  record.id = json.at("image");
  record.kind = json.at("kind");
  record.label = json.at("label");
  record.width = json.at("size").at(0);
  record.height = json.at("size").at(1);
  if (record.width < 1 || record.height < 1) fail(ErrorKind::kBadInput, "an image has no pixels");
  record.anomalous = json.at("anomalous");
  record.score = json.at("score");
  record.kept = json.at("kept");
  record.candidates = json.at("candidates");
  for (const auto& [stage, time] : json.at("seconds").items()) record.seconds.emplace_back(stage, time);
  record.notes = json.at("notes").get<std::vector<std::string>>();
  record.files = to_source_files(json.at("files"));
  record.evidence_sha256 = json.at("evidence_sha256");
  record.run = json.at("run");
  for (const auto& [name, value] : json.at("by").items()) record.by.emplace_back(name, value);
  return record;
}

}  // namespace anomalyvlm::eval
