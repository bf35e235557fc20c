#pragma once
// The main class: finds in an image what a hybrid prompt asks for.
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
  std::string device = "cpu";       // as the engine names it: "cpu", "GPU"; torch: "cuda", "cuda:1"
  // "bf16": faster on CPUs that have it, results differ slightly; "auto": bf16 where it is faster and right.
  std::string precision = "f32";
  int threads = 0;  // of the whole program, up to 1024; 0: leave as it is (all CPUs of the process)
  int resize = 0;   // squash images to resize x resize first, as the paper does with 256; 0: no
  // Larger images are cut into tiles of so many pixels squared, for small defects (paper, IV-E); what is
  // found across tiles is joined. Then `resize` is for tiles. 0: no.
  int tile = 0;
  int tile_overlap = -1;  // pixels that neighbouring tiles share, below half of a tile; -1: an eighth of it
  // Short side, in pixels, of the image that proposes regions: 0 is what the weights were trained for, 800.
  // Smaller is faster and finds less. Not for nano.
  int proposal_side = 0;
  bool disk_cache = true;  // keep compiled models below the user's cache folder
  // Holds "models"; empty: found beside the library, or $ANOMALYVLM_DATA.
  std::filesystem::path data_folder = {};
};

// generic_prompt(), what to look for when nobody says it; with tiles without its limit of five regions, which
// is meant for what one look shows.
HybridPrompt default_prompt(const DetectorOptions& options);

// How far detect() is with one image: tiles done of all, from 0 on; an image seen as a whole is one. Called
// by the thread that called detect(); it must not throw. False ends the work: detect() throws
// Cancelled.
using DetectProgress = std::function<bool(int done, int all)>;

class Cancelled : public Error {
 public:
  explicit Cancelled(const std::string& what) : Error(ErrorKind::kBadInput, what) {}
};

// Loads a model once. Const afterwards: detect() may be called from several threads at once. Weight files of
// more than 64 MB stay mapped: written to while a Detector uses them they are an Error, but cut short they
// may end the process with SIGBUS, as any mapped file. Replace them by renaming. A Detector that was moved
// from throws Error(kBadInput).
class Detector {
 public:
  // Throws Error: kBadInput for a name, device, number that is not usable; kIo and kBadModel for weight
  // files.
  explicit Detector(const DetectorOptions& options = {});
  ~Detector();
  Detector(Detector&&) noexcept;
  Detector& operator=(Detector&&) noexcept;

  // Any image in memory: grey, BGR, RGB, RGBA, 8 or 16 bit, with a row stride; not kept. Nothing found is no
  // error: the map is then 0. Throws Error: kBadInput for a view that is not usable, kBadPrompt as
  // validate(), kBadModel for weights that do not give numbers.
  Detection detect(const ImageView& image, const HybridPrompt& prompt,
                   const DetectProgress& progress = {}) const;
  // The same; anomalies where `ignored` is 1 do not count. It is of the image's size, or empty.
  Detection detect(const ImageView& image, const HybridPrompt& prompt, const Mask& ignored,
                   const DetectProgress& progress = {}) const;
  Detection detect(const ImageView& image) const;  // with default_prompt()

  std::vector<std::string> models() const;  // what is loaded, one line each: name, version, weights' SHA-256
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
