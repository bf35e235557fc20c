#include "serve/service/inspector.h"

#include <fmt/format.h>

#include "anomalyvlm/codec.h"
#include "core/sha256.h"
#include "serve/service/answers.h"

namespace anomalyvlm::serve {
namespace {

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string digest_of_bytes(std::string_view bytes) {
  return sha256_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

void report_detection(const Detection& detection, Inspection& inspection) {
  inspection.score = detection.image_score;
  if (detection.verdict != Verdict::kNone)
    inspection.verdict = detection.verdict == Verdict::kOk ? "OK" : "not OK";
  for (const auto& stage : detection.timings) inspection.seconds.push_back(stage);
}

constexpr std::size_t kReferencesShare = 4;  // of the memory for what clients leave here, a quarter

HttpError not_found(const char* what) {
  return {404, "not_found", fmt::format("There is no {} of this name (any more).", what)};
}

}  // namespace

Inspector::Inspector(const Detector& detector, InspectorSettings settings, const Limits& limits)
    : detector_(detector),
      settings_(std::move(settings)),
      limits_(limits),
      queue_(settings_.jobs, settings_.most_waiting),
      images_(settings_.image_memory - settings_.image_memory / kReferencesShare, settings_.image_time),
      references_(settings_.image_memory / kReferencesShare, settings_.image_time),
      drift_(settings_.drift_window) {}

Image Inspector::decode(std::string_view bytes, const InspectOptions& options) const {
  if (bytes.empty())
    throw HttpError(400, "no_image",
                    "The request has no image: send the file as its body (curl --data-binary @photo.jpg).");
  ReadOptions reading;
  reading.bits = options.bits;
  reading.limits.max_pixels = limits_.pixels;
  return decode_image({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, options.name,
                      reading);
}

void Inspector::start_clock(const Request& request, const InspectOptions& options) const {
  if (!request.finish_by) return;
  const auto given =
      options.timeout
          ? std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*options.timeout))
          : Clock::duration(settings_.request_time);
  request.finish_by(request.received + std::min<Clock::duration>(given, settings_.request_time));
}

References Inspector::references_for(const Request& request, const InspectOptions& options) {
  if (options.references.empty()) return settings_.references;
  const auto found = references_.find(options.references, request.owner);
  if (!found) throw not_found("set of references");
  return *found;
}

ResultOptions Inspector::results_for(const InspectOptions& options, const std::string& name) const {
  ResultOptions results;
  results.dir = "";
  results.stem = stem_of(name);
  results.input = name;
  results.files = options.write;
  results.mask_threshold = options.threshold.value_or(settings_.threshold);
  results.full_scale = options.full_scale.value_or(settings_.full_scale);
  results.masks_in_json = options.masks;
  return results;
}

WorkQueue::Place Inspector::take_place(const Request& request, const InspectOptions& options,
                                       Inspection& inspection) {
  start_clock(request, options);
  const Clock::time_point start = Clock::now();
  WorkQueue::Place place = queue_.enter(request.stop);
  inspection.seconds.emplace_back("wait", seconds_since(start));
  return place;
}

Inspector::Found Inspector::inspect(const Request& request, Image image, HybridPrompt prompt,
                                    const InspectOptions& options, Inspection inspection) {
  Found found{{}, std::move(prompt), std::move(image), std::move(inspection)};
  found.detection = detector_.detect(found.image.view(), found.prompt,
                                     {.stop = request.stop, .references = references_for(request, options)});
  report_detection(found.detection, found.inspection);
  drift_.add(found.detection.image_score, appearance_of(found.image));
  return found;
}

Response Inspector::detect(const Request& request, std::string_view bytes, const InspectOptions& options) {
  HybridPrompt prompt = prompt_of(options, settings_.prompt);  // what is wrong with it is said at once
  Inspection inspection;
  const WorkQueue::Place place = take_place(request, options, inspection);
  const Clock::time_point start = Clock::now();
  Image image = decode(bytes, options);
  inspection.image_sha256 = digest_of_bytes(bytes);
  inspection.seconds.emplace_back("decode", seconds_since(start));
  Found found = inspect(request, std::move(image), std::move(prompt), options, std::move(inspection));
  const Clock::time_point found_at = Clock::now();
  Response response = detection_answer(request, found.detection, found.image, found.prompt,
                                       results_for(options, options.name));
  found.inspection.seconds.emplace_back("encode", seconds_since(found_at));
  response.inspection = std::move(found.inspection);
  return response;
}

Response Inspector::keep(const Request& request, const InspectOptions& options) {
  Inspection inspection;
  const WorkQueue::Place place = take_place(request, options, inspection);
  const Image image = decode(request.body, options);
  const Appearance appearance = appearance_of(image);
  auto stored = std::make_shared<StoredImage>(detector_.open(image.view()), options.name,
                                              digest_of_bytes(request.body), appearance);
  Json answer = {{"id", ""},
                 {"width", image.width},
                 {"height", image.height},
                 {"sha256", stored->sha256},
                 {"bytes", request.body.size()},
                 {"expires_s", images_.unused_for().count()}};
  const std::size_t bytes = stored->session.memory();
  if (bytes > images_.most_bytes())
    throw HttpError(413, "image_too_large",
                    "This image takes more memory than all kept images may (--image-memory).");
  if (request.stop.stop_requested())
    throw Cancelled("The client has gone, or its time is up.");  // nobody would ask for it
  answer["id"] = images_.add(std::move(stored), bytes, request.owner);
  Response response = json_response(answer, 201);
  response.headers.emplace_back("Location", fmt::format("/v1/images/{}", answer["id"].get<std::string>()));
  return response;
}

std::shared_ptr<StoredImage> Inspector::require_image(const Request& request, const std::string& id) {
  std::shared_ptr<StoredImage> stored = images_.find(id, request.owner);
  if (!stored) throw not_found("image");
  return stored;
}

Detection Inspector::judge_stored(const Request& request, const std::string& id, StoredImage& stored,
                                  const HybridPrompt& prompt, const InspectOptions& options,
                                  Inspection& inspection) {
  // The caller has a place: else one request could have the image and wait for a place, and another the other
  // way.
  constexpr std::chrono::milliseconds kSlice(20);
  std::unique_lock lock(stored.busy, std::defer_lock);
  while (!lock.try_lock_for(kSlice))
    if (request.stop.stop_requested())
      throw Cancelled("The request was cancelled while it waited for the image.");
  Detection detection =
      stored.session.detect(prompt, {.stop = request.stop, .references = references_for(request, options)});
  images_.set_bytes(id, stored.session.memory());
  report_detection(detection, inspection);
  inspection.repeated = stored.judged;
  if (stored.judged) return detection;
  stored.judged = true;
  drift_.add(detection.image_score, stored.appearance);
  return detection;
}

Response Inspector::judge(const Request& request, const std::string& id, const InspectOptions& options) {
  const std::shared_ptr<StoredImage> stored = require_image(request, id);
  const HybridPrompt prompt = prompt_of(options, settings_.prompt);
  Inspection inspection{.image_sha256 = stored->sha256};
  const WorkQueue::Place place = take_place(request, options, inspection);
  const Detection detection = judge_stored(request, id, *stored, prompt, options, inspection);
  const Clock::time_point judged = Clock::now();
  Response response = detection_answer(request, detection, stored->session.image(), prompt,
                                       results_for(options, stored->name));
  inspection.seconds.emplace_back("encode", seconds_since(judged));
  response.inspection = std::move(inspection);
  return response;
}

Response Inspector::layer(const Request& request, const std::string& id, const std::string& what,
                          const InspectOptions& options) {
  const std::shared_ptr<StoredImage> stored = require_image(request, id);
  const Image& image = stored->session.image();
  const HybridPrompt prompt = prompt_of(options, settings_.prompt);
  const ResultOptions results = results_for(options, stored->name);
  Inspection inspection{.image_sha256 = stored->sha256};
  const WorkQueue::Place place = take_place(request, options, inspection);
  if (what == "image") return png_answer(encode_png(image), results.stem + ".png");
  const Detection detection = judge_stored(request, id, *stored, prompt, options, inspection);
  Response response;
  if (what == "overlay")
    response = png_answer(encode_png(overlay_image(detection, image, results.full_scale)),
                          results.stem + ".overlay.png");
  if (what == "mask")
    response =
        png_answer(encode_png(anomaly_mask(detection, results.mask_threshold)), results.stem + ".mask.png");
  if (what == "map")
    response = map_answer(request, detection.anomaly, results.full_scale, results.stem + ".anomaly");
  if (what == "saliency") {
    if (detection.saliency.values.empty())
      throw HttpError(404, "not_found", "This method has no saliency map.");
    response = map_answer(request, detection.saliency, 0, results.stem + ".saliency");
  }
  response.inspection = std::move(inspection);
  return response;
}

Response Inspector::make_references(const Request& request, const std::vector<std::string>& ids) {
  std::vector<std::shared_ptr<StoredImage>> images;
  std::vector<ReferenceInput> inputs;
  for (const std::string& id : ids) {
    const std::shared_ptr<StoredImage>& stored = images.emplace_back(require_image(request, id));
    inputs.push_back({stored->name, [stored] { return stored->session.image(); }});
  }
  Inspection inspection;
  const WorkQueue::Place place = take_place(request, {}, inspection);
  auto references = std::make_shared<const References>(References::build(
      detector_, inputs, {}, [&](std::size_t, std::size_t) { return !request.stop.stop_requested(); }));
  const std::size_t bytes = references->info().bytes;
  const std::size_t count = ids.size();
  return json_response(
      {{"id", references_.add(std::move(references), bytes, request.owner)}, {"images", count}}, 201);
}

void Inspector::drop_expired() {
  images_.drop_expired();
  references_.drop_expired();
}

}  // namespace anomalyvlm::serve
