#pragma once
// The main class: finds what a hybrid prompt asks for in an image.
//
//   anomalyvlm::Detector detector;                                    // the embedded model on the CPU
//   anomalyvlm::ImageView view{buffer, width, height, anomalyvlm::PixelFormat::kBgr8, stride};
//   auto found = detector.detect(view, anomalyvlm::parse_prompt_text("Scratch. Dent."));
//
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "anomalyvlm/detection.h"
#include "anomalyvlm/error.h"
#include "anomalyvlm/prompt.h"

namespace anomalyvlm {

constexpr int kLargestResize = 8192;                                    // of DetectorOptions::resize
constexpr int kSmallestTile = 32, kLargestTile = 8192;                  // of DetectorOptions::tile
constexpr int kSmallestProposalSide = 64, kLargestProposalSide = 2048;  // of DetectorOptions::proposal_side

struct DetectorOptions {
  // One of model_names(), or published weights joined by '+': "grounding-dino-swin-b+sam-vit-h".
  std::string model = "nano";
  std::string profile = {};         // "nano", "paper", "saa-plus"; empty: the model's own
  std::string engine = "openvino";  // "torch" too, in builds with libtorch
  std::string device = "cpu";       // the engine's name for it: "cpu", "GPU"; torch: "cuda", "cuda:1"
  // "bf16": faster on CPUs that support it, results differ slightly; "auto": bf16 where it is faster and
  // passes a check.
  std::string precision = "f32";
  int threads = 0;  // of the whole program, up to 1024; 0: unchanged (all CPUs of the process)
  int resize = 0;   // squash images to resize x resize first, as the paper does with 256; 0: no
  // Larger images are cut into tiles of this many pixels squared, for small defects (paper, IV-E); regions
  // are merged across tile borders. `resize` then applies to tiles. 0: no.
  int tile = 0;
  int tile_overlap = -1;  // pixels that neighbouring tiles share, less than half a tile; -1: an eighth
  // Short side, in pixels, of the image given to the region generator; 0: 800, as in training. Smaller is
  // faster and finds less. Not for nano.
  int proposal_side = 0;
  bool disk_cache = true;  // cache compiled models below the user's cache folder
  // The folder that contains "models"; empty: $ANOMALYVLM_DATA, or found relative to the library.
  std::filesystem::path data_folder = {};
};

// The prompt used if none is given: generic_prompt(); with tiles without its limit of five regions, which is
// meant for a single view.
HybridPrompt default_prompt(const DetectorOptions& options);

// Progress of detect() on one image: tiles done, from 0, and all tiles; an image processed as a whole is one.
// Called by the thread that called detect(); must not throw. Returning false cancels: detect() throws
// Cancelled.
using DetectProgress = std::function<bool(int done, int all)>;

class Cancelled : public Error {
 public:
  explicit Cancelled(const std::string& what) : Error(ErrorKind::kBadInput, what) {}
};

// Loads a model once and is immutable afterwards: detect() may be called from several threads at once. Weight
// files of more than 64 MB stay mapped: if one is written to while a Detector uses it, calls throw an Error,
// but if it is truncated the process may die of SIGBUS, as with any mapped file. Replace them by renaming. A
// moved-from Detector throws Error(kBadInput).
class Detector {
 public:
  // Throws Error: kBadInput for an unusable name, device or number; kIo and kBadModel for weight files.
  explicit Detector(const DetectorOptions& options = {});
  ~Detector();
  Detector(Detector&&) noexcept;
  Detector& operator=(Detector&&) noexcept;

  // Any image in memory: grey, BGR, RGB, RGBA, 8 or 16 bits, with a row stride; it is not kept. Finding
  // nothing is not an error: the map is then 0. Throws Error: kBadInput for an unusable view, kBadPrompt as
  // validate(), kBadModel if the weights produce NaN or infinity.
  Detection detect(const ImageView& image, const HybridPrompt& prompt,
                   const DetectProgress& progress = {}) const;
  // The same; anomalies where `ignored` is 1 do not count. `ignored` has the image's size or is empty.
  Detection detect(const ImageView& image, const HybridPrompt& prompt, const Mask& ignored,
                   const DetectProgress& progress = {}) const;
  Detection detect(const ImageView& image) const;  // with default_prompt()

  std::vector<std::string> models() const;  // the loaded models, one line each: name, version, SHA-256
  std::string engine() const;               // one line: library, version, device
  const DetectorOptions& options() const;   // with profile and precision filled in

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

std::vector<std::string> model_names();    // the default first
std::vector<std::string> profile_names();  // "nano", "paper", "saa-plus"
std::vector<std::string> engine_names();   // of this build, the default first
std::string version();                     // "0.1.0"

}  // namespace anomalyvlm
