#include <fmt/format.h>

#include <charconv>

#include "anomalyvlm/prompt_reading.h"
#include "core/files.h"
#include "core/platform.h"
#include "serve/service/prompt_json.h"
#include "serve/service/routes.h"
#include "serve/service/service.h"

namespace anomalyvlm::serve {
namespace {

std::string references_text(const References& references) {
  const ReferencesInfo info = references.info();
  return fmt::format("{} image{}, {}", info.images.size(), info.images.size() == 1 ? "" : "s", info.date);
}

MethodInfo method_of(const Detector& detector) {
  for (MethodInfo& info : methods())
    if (info.name == detector.options().method) return std::move(info);
  return {};
}

Json models_json(const Inspector& inspector, const ServiceSettings& settings) {
  const Detector& detector = inspector.detector();
  const DetectorOptions& options = detector.options();
  const InspectorSettings& defaults = inspector.settings();
  const MethodInfo method = method_of(detector);
  Json json = {
      {"version", version()},
      {"method", options.method},
      {"model", options.model},
      {"profile", options.profile.value_or("")},
      {"models", detector.models()},
      {"engine", detector.engine()},
      {"takes_words", method.takes_words},
      {"takes_object", method.takes_object},
      {"scores_to_one", method.scores_to_one},
      {"command", settings.command},
      {"prompt", {{"text", settings.prompt_text}, {"toml", to_toml(defaults.prompt)}}},
      {"limit", nullptr},
      {"threshold", defaults.threshold},
      {"full_scale", defaults.full_scale},
      {"references", nullptr},
      {"limits", {{"body_bytes", inspector.limits().body_bytes}, {"pixels", inspector.limits().pixels}}}};
  if (defaults.prompt.limit) json["limit"] = *defaults.prompt.limit;
  if (!defaults.references.empty()) json["references"] = references_text(defaults.references);
  return json;
}

Response check_prompt(const Inspector& inspector, const Request& request) {
  const Json body = parse_json(request.body, inspector.limits().json_depth, "The request's body");
  const auto text = [&](const char* name) -> const std::string* {
    return body.is_object() && body.size() == 1 && body.contains(name) && body[name].is_string()
               ? &body[name].get_ref<const std::string&>()
               : nullptr;
  };
  if (const std::string* sentences = text("text")) {
    check_prompt_size(*sentences);
    return json_response(prompt_json(inspector, read_prompt_text(*sentences)));
  }
  if (const std::string* toml = text("toml")) {
    PromptReading reading;
    try {
      reading.prompt = read_toml(*toml);
    } catch (const Error& error) {
      reading.problem = PromptProblem{error.what()};
    }
    return json_response(prompt_json(inspector, reading));
  }
  throw HttpError(400, "bad_option", "The body is neither {\"text\": SENTENCES} nor {\"toml\": TOML}.");
}

Response list_samples(const std::vector<std::filesystem::path>& samples) {
  Json list = Json::array();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    std::error_code error;
    const std::uintmax_t bytes = std::filesystem::file_size(samples[i], error);
    list.push_back({{"index", i}, {"name", samples[i].filename().string()}, {"bytes", error ? 0 : bytes}});
  }
  return json_response({{"samples", list}});
}

Response sample(const std::vector<std::filesystem::path>& samples, const std::string& index_text) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(index_text.data(), index_text.data() + index_text.size(), index);
  if (error != std::errc() || end != index_text.data() + index_text.size() || index >= samples.size())
    throw HttpError(404, "not_found", "There is no such sample.");
  return {.content_type = "application/octet-stream", .body = read_file(samples[index])};
}

Json summary_json(const std::optional<Drift::Summary>& summary) {
  if (!summary) return nullptr;
  return {{"mean", summary->mean}, {"p50", summary->median}, {"p90", summary->p90}};
}

Json drift_json(const Drift& drift) {
  Json json = {{"images", drift.images()}, {"window", drift.window()}};
  for (std::size_t i = 0; i < Drift::kMeasures.size(); ++i) {
    const Drift::Measure measure = drift.measure(i);
    Json& described = json[Drift::kMeasures[i]] = {
        {"first", summary_json(measure.first)}, {"last", summary_json(measure.last)}, {"distance", nullptr}};
    if (measure.distance) described["distance"] = *measure.distance;
  }
  return json;
}

}  // namespace

void add_information_routes(Router& router, Inspector& inspector, const ServiceSettings& settings,
                            Metrics& metrics, const std::atomic<bool>& stopping) {
  const auto get = [&](const char* pattern, std::function<Response(const Request&)> handle, bool open = false,
                       bool quiet = false) {
    router.add(
        {.method = "GET", .pattern = pattern, .handle = std::move(handle), .open = open, .quiet = quiet});
  };
  get("/v1/models", [&](const Request&) { return json_response(models_json(inspector, settings)); });
  router.add({.method = "POST",
              .pattern = "/v1/prompt/check",
              .handle = [&](const Request& r) { return check_prompt(inspector, r); },
              .quiet = true});
  get("/v1/samples", [&](const Request&) { return list_samples(settings.samples); });
  get("/v1/samples/{index}", [&](const Request& r) { return sample(settings.samples, r.captured[0]); });
  get(
      "/v1/drift", [&](const Request&) { return json_response(drift_json(inspector.drift())); }, false, true);
  get(
      "/healthz",
      [](const Request&) {
        return json_response({{"status", "ok"}});
      },
      true, true);
  get(
      "/readyz",
      [&](const Request&) {
        return stopping ? json_response({{"status", "stopping"}}, 503) : json_response({{"status", "ready"}});
      },
      true, true);
  get(
      "/metrics",
      [&](const Request&) {
        return Response{.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics.text()};
      },
      false, true);
}

void add_gauges(Metrics& metrics, const Inspector& inspector) {
  const auto number = [](auto value) { return static_cast<double>(value); };
  metrics.add_gauge("anomalyvlm_queue_waiting", "Requests that wait for others to be computed.",
                    [&inspector, number] { return number(inspector.queue().waiting()); });
  metrics.add_gauge("anomalyvlm_queue_running", "Requests that are being computed.",
                    [&inspector, number] { return number(inspector.queue().running()); });
  metrics.add_gauge("anomalyvlm_kept_images", "Images that are kept for clients.",
                    [&inspector, number] { return number(inspector.images().size()); });
  metrics.add_gauge("anomalyvlm_kept_images_bytes", "Memory that they take.",
                    [&inspector, number] { return number(inspector.images().bytes()); });
  metrics.add_gauge("anomalyvlm_kept_references_bytes", "Memory that references of clients take.",
                    [&inspector, number] { return number(inspector.references().bytes()); });
  metrics.add_gauge("process_resident_memory_bytes", "Resident memory of the process.",
                    [number] { return number(resident_memory_bytes()); });
  for (std::size_t i = 0; i < Drift::kMeasures.size(); ++i)
    metrics.add_gauge("anomalyvlm_drift_distance",
                      "Distance of the last images from the first ones, 0 to 1 (Kolmogorov and Smirnov).",
                      Drift::kMeasures[i], [&inspector, i] { return inspector.drift().measure(i).distance; });
}

}  // namespace anomalyvlm::serve
