#pragma once
// Inspects images for the routes: a queue in front of the Detector, and the images that clients have left
// here.
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
  const std::string name, sha256;
  const Appearance appearance;
  std::timed_mutex
      busy;  // of what follows: a session is for one thread at a time, but its image() never changes
  Session session;
  bool judged = false;  // it counts once in the metrics, however often it is judged

  StoredImage(Session s, std::string n, std::string digest, const Appearance& a)
      : name(std::move(n)), sha256(std::move(digest)), appearance(a), session(std::move(s)) {}
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
  // The same for a caller that reads the image and writes the answer by itself, both while it has the place.
  WorkQueue::Place take_place(const Request& request, const InspectOptions& options, Inspection& inspection);
  Image decode(std::string_view bytes, const InspectOptions& options) const;
  Found inspect(const Request& request, Image image, HybridPrompt prompt, const InspectOptions& options,
                Inspection inspection);

  // Keeps an image. {"id": ..., "width": ...}
  Response keep(const Request& request, const InspectOptions& options);
  Response judge(const Request& request, const std::string& id, const InspectOptions& options);
  // "overlay", "map", "saliency", "mask", "image": of a kept image, judged as the options say.
  Response layer(const Request& request, const std::string& id, const std::string& what,
                 const InspectOptions& options);
  bool drop(const Request& request, const std::string& id) { return images_.remove(id, request.owner); }

  // {"id": ..., "images": 3}
  Response make_references(const Request& request, const std::vector<std::string>& ids);
  bool drop_references(const Request& request, const std::string& id) {
    return references_.remove(id, request.owner);
  }

  void drop_expired();

  ResultOptions results_for(const InspectOptions& options, const std::string& name) const;

  const Detector& detector() const { return detector_; }
  const InspectorSettings& settings() const { return settings_; }
  const Limits& limits() const { return limits_; }
  const WorkQueue& queue() const { return queue_; }
  const Store<StoredImage>& images() const { return images_; }
  const Store<const References>& references() const { return references_; }
  const Drift& drift() const { return drift_; }

 private:
  std::shared_ptr<StoredImage> require_image(const Request& request, const std::string& id);
  References references_for(const Request& request, const InspectOptions& options);
  void start_clock(const Request& request, const InspectOptions& options) const;
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
