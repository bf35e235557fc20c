#pragma once
// Inspects images for the routes: a queue in front of the Detector, and the images that clients have left
// here.
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "anomalyvlm/detector.h"
#include "anomalyvlm/session.h"
#include "serve/http/limits.h"
#include "serve/service/drift.h"
#include "serve/service/inspect_options.h"
#include "serve/service/store.h"
#include "serve/service/work_queue.h"

namespace anomalyvlm::serve {

// What a server does where a request does not say otherwise.
struct InspectorSettings {
  HybridPrompt prompt;                     // with the limit, if any
  References references;                   // may be empty
  double threshold = 0.5, full_scale = 1;  // as in ResultOptions
  int jobs = 2;
  int most_waiting = 32;
  std::chrono::milliseconds request_time{60'000};
  std::size_t image_memory = std::size_t{1} << 30;  // bytes, of the images that are kept
  std::chrono::seconds image_time{900};             // after which those that nobody asks about are dropped
  std::size_t drift_window = 100;                   // images
};

// An image that is kept.
struct StoredImage {
  std::mutex busy;  // of all below: a session is for one thread at a time
  Session session;
  std::string name, sha256;
  Appearance appearance;
  bool judged = false;  // it counts once in the metrics, however often it is judged

  StoredImage(Session s, std::string n, std::string digest, const Appearance& a)
      : session(std::move(s)), name(std::move(n)), sha256(std::move(digest)), appearance(a) {}
};

class Inspector {
 public:
  // The detector must live as long as this.
  Inspector(const Detector& detector, InspectorSettings settings, const Limits& limits);

  // Each of these throws HttpError or Error, and leaves what it measured in the response's Inspection.

  // One image, which is not kept. An answer in the form that the client accepts.
  Response detect(const Request& request, std::string_view bytes, const InspectOptions& options);

  struct Found {
    Detection detection;
    HybridPrompt prompt;
    Image image;
    Inspection inspection;
  };
  // The same for a caller that encodes the answer by itself. `image`: decoded.
  Found inspect(const Request& request, Image image, std::string sha256, const InspectOptions& options,
                double decode_seconds);
  Image decode(std::string_view bytes, const InspectOptions& options) const;

  // Keeps an image. {"id": ..., "width": ...}
  Response keep(const Request& request, const InspectOptions& options);
  Response judge(const Request& request, const std::string& id, const InspectOptions& options);
  // "overlay", "map", "saliency", "mask", "image": of a kept image, judged as the options say.
  Response picture(const Request& request, const std::string& id, const std::string& what,
                   const InspectOptions& options);
  bool drop(const Request& request, const std::string& id) { return images_.remove(id, request.owner); }

  // {"id": ..., "images": 3}
  Response make_references(const Request& request, const std::vector<std::string>& ids);
  bool drop_references(const Request& request, const std::string& id) {
    return references_.remove(id, request.owner);
  }

  void drop_expired();

  // What the options mean for results; and when the request has to be done.
  ResultOptions results_for(const InspectOptions& options, const std::string& name) const;
  void start_clock(const Request& request, const InspectOptions& options) const;

  const Detector& detector() const { return detector_; }
  const InspectorSettings& settings() const { return settings_; }
  const Limits& limits() const { return limits_; }
  const WorkQueue& queue() const { return queue_; }
  const Store<StoredImage>& images() const { return images_; }
  const Drift& drift() const { return drift_; }

 private:
  std::shared_ptr<StoredImage> require_image(const Request& request, const std::string& id);
  References references_for(const Request& request, const InspectOptions& options);
  Detection judge_stored(const Request& request, const std::string& id, StoredImage& stored,
                         const HybridPrompt& prompt, const InspectOptions& options, Inspection& inspection);

  const Detector& detector_;
  const InspectorSettings settings_;
  const Limits limits_;
  WorkQueue queue_;
  Store<StoredImage> images_;
  Store<const References> references_;
  Drift drift_;
};

}  // namespace anomalyvlm::serve
