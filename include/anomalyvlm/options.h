#pragma once
// Options of a Detector. New members are added at the end with a default, so that callers who name the
// members they set (DetectorOptions{.tile = 512}) keep compiling.
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "anomalyvlm/export.h"

namespace anomalyvlm {

// The floating-point type that models compute in. Results in bfloat16 differ slightly from those in float32.
enum class PrecisionChoice {
  kF32,
  kBF16,  // faster on CPUs that support it; an Error where the engine does not
  kAuto,  // bfloat16 where it is faster and passes a check, else float32
};
ANOMALYVLM_API PrecisionChoice
parse_precision(std::string_view name);  // "f32", "bf16", "auto"; throws Error(kBadInput)
ANOMALYVLM_API std::string_view to_string(PrecisionChoice precision);

enum class LogLevel { kDebug, kInfo, kWarning };

// Receives log messages of a Detector, one sentence each: models loaded and compiled, an unusable cache.
// Called by any thread that uses the Detector, possibly by several at once; must not throw. The library
// itself never prints.
using LogSink = std::function<void(LogLevel level, const std::string& sentence)>;

constexpr int kLargestResize = 8192;                                    // of DetectorOptions::resize
constexpr int kSmallestTile = 32, kLargestTile = 8192;                  // of DetectorOptions::tile
constexpr int kSmallestProposalSide = 64, kLargestProposalSide = 2048;  // of DetectorOptions::proposal_side

struct DetectorOptions {
  std::string method = "anomalyvlm";  // one of method_names()
  // For the method anomalyvlm: one of model_names(), or published weights joined by '+':
  // "grounding-dino-swin-b+sam-vit-h". For utad: "nano", "wide-resnet50-2". winclip takes its own for "nano".
  std::string model = "nano";
  std::optional<std::string> profile = {};  // one of profile_names(); by default the model's own
  std::string engine = "openvino";          // one of engine_names(): "torch" too, in builds with libtorch
  std::string device = "cpu";               // the engine's name for it: "cpu", "GPU"; torch: "cuda", "cuda:1"
  PrecisionChoice precision = PrecisionChoice::kF32;
  // Squash images to resize x resize pixels first, as the paper does with 256; by default not.
  std::optional<int> resize = {};
  // Larger images are cut into tiles of this many pixels squared, for small defects (paper, IV-E); regions
  // are merged across tile borders. `resize` then applies to tiles. By default images are processed as a
  // whole.
  std::optional<int> tile = {};
  // Pixels that neighbouring tiles share, less than half a tile; by default an eighth, with utad
  // never less than a fifth.
  std::optional<int> tile_overlap = {};
  // Short side, in pixels, of the image given to the region generator; by default 800, as in training.
  // Smaller is faster and finds less. Not for nano.
  std::optional<int> proposal_side = {};
  bool disk_cache = true;  // cache compiled models below the user's cache folder
  // The folder that contains "models"; empty: as find_data_folder() finds it.
  std::filesystem::path data_folder = {};
  LogSink log = {};
};

}  // namespace anomalyvlm
