#include "eval/studies/finished_run.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/check.h"
#include "core/files.h"
#include "eval/run/plan.h"

namespace anomalyvlm::eval {
namespace {

namespace fs = std::filesystem;

Json read_json(const fs::path& file) {
  Json json = Json::parse(read_file(file), nullptr, false);
  if (!json.is_object()) fail(ErrorKind::kBadInput, "'{}' is no JSON object.", file.string());
  return json;
}

FinishedRun::Part part_of(const Json& entry) {
  const auto value = [&](const std::string& level, const char* key) {
    const Json& found = entry.at(level).at(key);
    if (found.is_number()) return MetricValue::of(found.get<double>());
    return MetricValue::none(entry.at("undefined").value(level + "." + key, "it is not defined"));
  };
  return {entry.at("name"), value("pixel", "max_f1"), value("pixel", "ap"), value("pixel", "max_iou"),
          value("image", "auroc")};
}

std::size_t longest(const Json& lists) {
  std::size_t most = 0;
  for (const Json& list : lists) most = std::max(most, list.size());
  return most;
}

void read_results(const Json& results, FinishedRun& run) {
  for (const Json& category : results.at("categories")) run.categories.push_back(part_of(category));
  for (const Json& mean : results.at("means")) run.means.push_back(part_of(mean));
  for (const Json& stage : results.at("stages")) run.seconds += stage.at("seconds").get<double>();
}

void read_configuration(const Json& configuration, FinishedRun& run) {
  run.model = configuration.at("detector").at("model");
  run.prompts = longest(configuration.at("prompts"));
  if (configuration.contains("references")) run.references = longest(configuration["references"]);
}

}  // namespace

FinishedRun read_run(std::string label, const fs::path& folder) {
  FinishedRun run;
  run.label = std::move(label);
  try {
    read_results(read_json(folder / "results.json"), run);
    read_configuration(read_json(folder / "run.json").at("configuration"), run);
    // A process that was ended right after its last image has left none.
    std::error_code ignored;
    if (!fs::exists(folder / "machine.json", ignored)) return run;
    const Json machine = read_json(folder / "machine.json");
    run.peak_memory = machine.value("peak_memory_bytes", 0.0);
    run.parameters = machine.value("parameters", 0.0);
  } catch (const Json::exception&) {
    fail(ErrorKind::kBadInput, "'{}' does not hold a run as this program writes it.", folder.string());
  }
  return run;
}

}  // namespace anomalyvlm::eval
