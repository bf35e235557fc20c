#pragma once
// The main class: finds what a hybrid prompt asks for in an image.
//
//   anomalyvlm::Detector detector;                                    // the embedded model on the CPU
//   anomalyvlm::ImageView view{buffer, width, height, anomalyvlm::PixelFormat::kBgr8, stride};
//   auto found = detector.detect(view, anomalyvlm::parse_prompt_text("Scratch. Dent."));
//
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "anomalyvlm/detection.h"
#include "anomalyvlm/error.h"
#include "anomalyvlm/export.h"
#include "anomalyvlm/options.h"
#include "anomalyvlm/prompt.h"
#include "anomalyvlm/references.h"
#include "anomalyvlm/threads.h"
#include "anomalyvlm/version.h"

namespace anomalyvlm {

class Session;  // session.h
struct LoadedDetector;

// The prompt used if none is given: generic_prompt(); with tiles without its limit of five regions, which is
// meant for a single view; for methods without words without its rules too. Throws Error(kBadInput) for an
// unknown method.
ANOMALYVLM_API HybridPrompt default_prompt(const DetectorOptions& options);

// Throws Error(kBadInput) as a Detector's constructor does for names of methods, models, profiles and
// engines, for sizes out of range, and for options that do not go together. Loads nothing: whether the device
// and the weights are there shows when a Detector is made.
ANOMALYVLM_API void validate(const DetectorOptions& options);

// Progress of detect() on one image: tiles done, from 0, and all tiles; an image processed as a whole is one.
// Called by the thread that runs detect(), in a batch one of its workers; must not throw. Returning false
// cancels: detect() throws Cancelled.
using DetectProgress = std::function<bool(int done, int all)>;

// What a caller may add to one image. New members are added at the end with a default.
struct DetectSettings {
  Mask ignored = {};             // anomalies where it is 1 do not count; of the image's size, or empty
  DetectProgress progress = {};  // by default nobody is notified
  std::stop_token stop = {};     // a stop request cancels between stages: detect() throws Cancelled
  References references = {};    // the image is compared with these; by default with none
};

class ANOMALYVLM_API Cancelled : public Error {
 public:
  explicit Cancelled(const std::string& what) : Error(ErrorKind::kCancelled, what) {}
};

// Loads a model once and is immutable afterwards: detect() may be called from several threads at once. Weight
// files of more than 64 MB stay mapped: if one is written to while a Detector uses it, calls throw an Error,
// but if it is truncated the process may die of SIGBUS, as with any mapped file. Replace them by renaming. A
// moved-from Detector throws Error(kBadInput).
class ANOMALYVLM_API Detector {
 public:
  // Throws Error: kBadInput for an unusable name, device or number; kIo and kBadModel for weight files.
  explicit Detector(const DetectorOptions& options = {});
  ~Detector();
  Detector(Detector&&) noexcept;
  Detector& operator=(Detector&&) noexcept;
  Detector(const Detector&) = delete;
  Detector& operator=(const Detector&) = delete;

  // An image in memory in any PixelFormat, with a row stride; it is not kept. Finding nothing is not an
  // error: the map is then 0. Throws Error: kBadInput for an unusable view, kBadPrompt as validate(),
  // kBadModel if the weights produce NaN or infinity, kNoMemory, kCancelled (as Cancelled), kInternal if the
  // engine fails.
  Detection detect(const ImageView& image, const HybridPrompt& prompt,
                   const DetectSettings& settings = {}) const;
  Detection detect(const ImageView& image) const;  // with default_prompt()
  // With references in place of those of the settings. Throws as References::require_fit().
  Detection detect(const ImageView& image, const HybridPrompt& prompt, const References& references,
                   DetectSettings settings = {}) const;

  // For several prompts, rules or limits on the same image; include session.h. The image is copied. Throws
  // Error(kBadInput) for an unusable view.
  Session open(const ImageView& image) const;

  std::vector<std::string> models() const;  // the loaded models, one line each: name, version, SHA-256
  std::string engine() const;               // one line: library, version, device
  const DetectorOptions& options() const;   // with profile and precision filled in
  const LoadedDetector& loaded() const;     // for this library's own code

 private:
  std::shared_ptr<const LoadedDetector> loaded_;  // shared with sessions; none once moved from
};

struct MethodInfo {
  std::string name;
  std::string summary;              // one line for people
  bool takes_words = false;         // phrases of a prompt have an effect
  std::vector<std::string> models;  // names for DetectorOptions::model, the default first
  bool takes_object = false;        // the object's name in a prompt has an effect
  bool scores_to_one = true;      // scores are 0..1; else in units of the method's own, without an upper end
  bool needs_references = false;  // it cannot judge an image without good ones
};
ANOMALYVLM_API std::vector<MethodInfo> methods();        // the default first
ANOMALYVLM_API std::vector<std::string> method_names();  // "anomalyvlm", "utad", ...
// Of the method anomalyvlm; published weights can also be joined by their names.
ANOMALYVLM_API std::vector<std::string> model_names();    // the default first
ANOMALYVLM_API std::vector<std::string> profile_names();  // "nano", "paper", "saa-plus"
ANOMALYVLM_API std::vector<std::string> engine_names();   // of this build, the default first

}  // namespace anomalyvlm
