// The evaluation in numbers, for programs. docs/RESULT_FORMAT.md is its description: change both, and the
// version when what a reader relies on changes.
#include <nlohmann/json.hpp>

#include "core/platform.h"
#include "eval/metrics/evaluation_result.h"
#include "eval/report/documents.h"
#include "eval/report/histogram.h"
#include "eval/report/metric_columns.h"
#include "eval/report/text.h"

namespace anomalyvlm::eval {
namespace {

using Json = nlohmann::ordered_json;  // keys in the order of the description

constexpr int kVersion = 1;

Json to_json(const std::vector<CurvePoint>& curve) {
  Json json = Json::array();
  for (const CurvePoint& p : curve) json.push_back({p.threshold, p.precision, p.recall});
  return json;
}

void add(Json& json, const Metrics& metrics) {
  json["images"] = metrics.images;
  json["anomalous"] = metrics.anomalous;
  json["regions"] = metrics.regions;
  Json undefined = Json::object();
  for (const auto& column : report::metric_columns()) {
    const MetricValue& metric = column.of(metrics);
    const bool known = report::is_number(metric);
    json[column.level][column.key] = known ? Json(metric.value) : Json();
    if (!known) undefined[std::string(column.level) + "." + column.key] = report::reason_of(metric);
  }
  json["pixel"]["curve"] = to_json(metrics.pixel.curve);
  json["image"]["curve"] = to_json(metrics.image.curve);
  json["undefined"] = undefined;
}

Json to_json(const std::vector<Example>& examples) {
  Json json = Json::array();
  for (const Example& e : examples) {
    json.push_back({{"id", e.id},
                    {"kind", e.kind},
                    {"anomalous", e.anomalous},
                    {"f1", report::is_number(e.f1) ? Json(e.f1.value) : Json()},
                    {"image_score", e.image_score}});
  }
  return json;
}

Json to_json(const CategoryResult& category) {
  Json json = {{"name", category.name}, {"group", category.group}, {"prompt", category.prompt}};
  add(json, category.metrics);
  json["kinds"] = Json::array();
  for (const KindResult& kind : category.kinds) {
    Json& entry = json["kinds"].emplace_back(Json{{"kind", kind.kind}});
    add(entry, kind.metrics);
  }
  if (category.limit) {
    const report::Confusion c = report::confusion_at(report::scores_of(category), category.limit->value);
    json["limit"] = {{"value", category.limit->value}, {"given", category.limit->given},
                     {"good_ok", c.good_ok},           {"good_not_ok", c.good_not_ok},
                     {"defective_ok", c.defective_ok}, {"defective_not_ok", c.defective_not_ok}};
  } else {
    json["limit"] = Json();
  }
  json["detect"] = category.detect_command;
  json["best"] = to_json(category.best);
  json["worst"] = to_json(category.worst);
  return json;
}

Json to_json(const StudyTable& study) {
  Json json = {{"name", study.name}, {"title", study.title}, {"columns", Json::array()}};
  for (const StudyTable::Column& column : study.columns) json["columns"].push_back(column.name);
  json["rows"] = Json::array();
  for (const StudyTable::Row& row : study.rows) {
    Json& entry = json["rows"].emplace_back(Json{{"group", row.group}, {"label", row.label}});
    entry["x"] = study.x_label.empty() ? Json() : Json(row.x);
    entry["values"] = Json::array();
    for (const MetricValue& value : row.values)
      entry["values"].push_back(report::is_number(value) ? Json(value.value) : Json());
  }
  json["notes"] = study.notes;
  return json;
}

}  // namespace

void write_results_json(const EvaluationResult& result, const std::vector<StudyTable>& studies,
                        const std::filesystem::path& file) {
  Json json = {{"format", "anomalyvlm.evaluation"},
               {"version", kVersion},
               {"dataset", result.dataset},
               {"title", result.title}};
  json["configuration"] = Json::object();
  for (const auto& [name, value] : result.configuration) json["configuration"][name] = value;
  json["categories"] = Json::array();
  for (const CategoryResult& category : result.categories) json["categories"].push_back(to_json(category));
  json["means"] = Json::array();
  for (const MeanResult& mean : result.means) {
    Json& entry = json["means"].emplace_back(Json{{"name", mean.name}, {"categories", mean.categories}});
    add(entry, mean.metrics);
  }
  json["stages"] = Json::array();
  for (const StageTime& stage : result.stages)
    json["stages"].push_back({{"stage", stage.stage}, {"seconds", stage.seconds}});
  json["studies"] = Json::array();
  for (const StudyTable& study : studies) json["studies"].push_back(to_json(study));
  json["failures"] = result.failures;
  json["notes"] = result.notes;
  write_file_atomically(file, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace anomalyvlm::eval
