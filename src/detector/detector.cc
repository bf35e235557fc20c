#include "anomalyvlm/detector.h"

#include "core/check.h"
#include "core/threads.h"
#include "detector/boundary.h"
#include "detector/loaded.h"
#include "detector/registry.h"
#include "nn/precision.h"

namespace anomalyvlm {
namespace {

DetectorOptions completed(DetectorOptions options) {
  if (options.resize < 0 || options.resize == 1 || options.resize > kLargestResize)
    fail(ErrorKind::kBadInput,
         "Images cannot be resized to a side of {}; use 2 to {}, or 0 for their own size.", options.resize,
         kLargestResize);
  if (options.proposal_side != 0 &&
      (options.proposal_side < kSmallestProposalSide || options.proposal_side > kLargestProposalSide))
    fail(ErrorKind::kBadInput,
         "Regions cannot be proposed at a side of {}; use {} to {}, or 0 for the usual one.",
         options.proposal_side, kSmallestProposalSide, kLargestProposalSide);
  if (options.tile != 0 && (options.tile < kSmallestTile || options.tile > kLargestTile))
    fail(ErrorKind::kBadInput,
         "Images cannot be cut into tiles of {} pixels; use {} to {}, or 0 for no tiles.", options.tile,
         kSmallestTile, kLargestTile);
  const int overlap = options.tile_overlap;
  if (overlap < -1 || overlap > kLargestTile / 2 || (options.tile != 0 && overlap >= (options.tile + 1) / 2))
    fail(
        ErrorKind::kBadInput,
        "Tiles of {} pixels cannot share {} with their neighbours, only less than half of a tile; without an "
        "overlap given (-1) it is an eighth.",
        options.tile, overlap);
  if (overlap == -1) options.tile_overlap = options.tile / 8;
  if (options.threads != 0) set_thread_count(options.threads);
  if (options.profile.empty()) options.profile = model_entry(options.model).profile;
  return options;
}

LoadedDetector load_unguarded(const DetectorOptions& given) {
  LoadedDetector loaded;
  DetectorOptions& options = loaded.options = completed(given);
  loaded.config = PipelineConfig::by_name(options.profile);
  loaded.config.resize = options.resize;
  loaded.config.tiles = {options.tile, options.tile_overlap};
  const ModelEntry& entry = model_entry(options.model);
  loaded.engine = nn::make_engine(options.engine, {options.device, options.disk_cache});
  const nn::Precision precision = nn::choose_precision(options.precision, *loaded.engine);
  options.precision = precision == nn::Precision::kBF16 ? "bf16" : "f32";
  loaded.models =
      entry.load({options.model, options.data_folder, loaded.engine, precision, options.proposal_side});
  return loaded;
}

}  // namespace

HybridPrompt default_prompt(const DetectorOptions& options) {
  HybridPrompt prompt = generic_prompt();
  if (options.tile > 0) prompt.max_regions.reset();
  return prompt;
}

LoadedDetector load_detector(const DetectorOptions& options) {
  return guarded([&] { return load_unguarded(options); });
}

struct Detector::Impl {
  LoadedDetector loaded;
};

namespace {

// Of a detector that still has its models.
const LoadedDetector& loaded_of(const auto* impl) {
  if (impl == nullptr)
    fail(ErrorKind::kBadInput,
         "This Detector was moved from and holds no models; use the one it was moved to.");
  return impl->loaded;
}

}  // namespace

Detector::Detector(const DetectorOptions& options)
    : impl_(std::make_unique<const Impl>(Impl{load_detector(options)})) {}
Detector::~Detector() = default;
Detector::Detector(Detector&&) noexcept = default;
Detector& Detector::operator=(Detector&&) noexcept = default;

Detection Detector::detect(const ImageView& image, const HybridPrompt& prompt,
                           const DetectProgress& progress) const {
  return detect(image, prompt, Mask{}, progress);
}

Detection Detector::detect(const ImageView& image, const HybridPrompt& prompt, const Mask& ignored,
                           const DetectProgress& progress) const {
  return guarded([&] {
    const LoadedDetector& loaded = loaded_of(impl_.get());
    std::vector<std::string> notes;
    const Image rgb = to_rgb8(image, &notes);
    Detection found = anomalyvlm::detect(*loaded.models, rgb, prompt, loaded.config, progress, ignored);
    found.notes.insert(found.notes.begin(), notes.begin(), notes.end());
    return found;
  });
}

Detection Detector::detect(const ImageView& image) const { return detect(image, default_prompt(options())); }

std::vector<std::string> Detector::models() const { return loaded_of(impl_.get()).models->ids(); }
std::string Detector::engine() const { return loaded_of(impl_.get()).engine->description(); }
const DetectorOptions& Detector::options() const { return loaded_of(impl_.get()).options; }

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const ModelEntry& entry : model_entries()) names.emplace_back(entry.name);
  return names;
}

std::vector<std::string> profile_names() { return {"nano", "paper", "saa-plus"}; }
std::vector<std::string> engine_names() { return nn::engine_names(); }

}  // namespace anomalyvlm
