#include "anomalyvlm/detector.h"

#include <algorithm>

#include "core/check.h"
#include "core/printable.h"
#include "detector/boundary.h"
#include "detector/loaded.h"
#include "detector/methods.h"
#include "detector/reference_bank.h"
#include "detector/registry.h"
#include "methods/anomalyvlm/pipeline.h"
#include "nn/precision.h"

namespace anomalyvlm {
namespace {

// Of an option that is in pixels.
void require_between(const std::optional<int>& value, int least, int most, const char* what,
                     const char* otherwise) {
  if (value && (*value < least || *value > most))
    fail(ErrorKind::kBadInput, "{} {}; use {} to {}, or leave it out for {}.", what, *value, least, most,
         otherwise);
}

DetectorOptions completed(DetectorOptions options) {
  require_between(options.resize, 2, kLargestResize, "Images cannot be resized to a side of",
                  "their own size");
  require_between(options.proposal_side, kSmallestProposalSide, kLargestProposalSide,
                  "Regions cannot be proposed at a side of", "the usual one");
  require_between(options.tile, kSmallestTile, kLargestTile, "Images cannot be cut into tiles of a side of",
                  "no tiles");
  require_between(options.tile_overlap, 0, kLargestTile / 2,
                  "Tiles cannot share with their neighbours a number of pixels of", "an eighth of a tile");
  if (options.tile && !options.tile_overlap) options.tile_overlap = *options.tile / 8;
  if (options.tile && *options.tile_overlap >= (*options.tile + 1) / 2)
    fail(
        ErrorKind::kBadInput,
        "Tiles of {} pixels cannot share {} with their neighbours, only less than half of a tile; by default "
        "it is an eighth.",
        *options.tile, *options.tile_overlap);
  const PrecisionChoice precision = options.precision;
  if (precision != PrecisionChoice::kF32 && precision != PrecisionChoice::kBF16 &&
      precision != PrecisionChoice::kAuto)
    fail(ErrorKind::kBadInput, "There is no precision number {}; use kF32, kBF16 or kAuto.",
         static_cast<int>(precision));
  const std::vector<std::string> engines = nn::engine_names();
  if (std::find(engines.begin(), engines.end(), options.engine) == engines.end())
    fail(ErrorKind::kBadInput, "There is no engine \"{}\" in this build; there is {}.",
         printable(options.engine), fmt::join(engines, " and "));
  method_entry(options.method).complete(options);
  return options;
}

LoadedDetector load_unguarded(const DetectorOptions& given) {
  LoadedDetector loaded;
  DetectorOptions& options = loaded.options = completed(given);
  loaded.engine = nn::make_engine(options.engine, {options.device, options.disk_cache, options.log});
  const auto log = [&](const std::string& sentence) {
    if (options.log) options.log(LogLevel::kInfo, sentence);
  };
  log(fmt::format("The engine is {}.", loaded.engine->description()));
  const nn::Precision precision = nn::choose_precision(options.precision, *loaded.engine);
  options.precision = precision == nn::Precision::kBF16 ? PrecisionChoice::kBF16 : PrecisionChoice::kF32;
  loaded.method = method_entry(options.method).load({options, loaded.engine, precision});
  for (const LoadedModel& model : loaded.method->models()) log(fmt::format("Loaded {}.", model.id));
  return loaded;
}

}  // namespace

void validate(const DetectorOptions& options) {
  guarded([&] { completed(options); });
}

HybridPrompt default_prompt(const DetectorOptions& options) {
  HybridPrompt prompt = generic_prompt();
  if (options.tile) prompt.max_regions.reset();
  if (!method_entry(options.method).finds_regions) {  // it has a map of its own, as published
    prompt.rules.clear();
    prompt.max_regions.reset();
  }
  return prompt;
}

LoadedDetector load_detector(const DetectorOptions& options) {
  return guarded([&] { return load_unguarded(options); });
}

void require_loaded(const LoadedDetector* loaded) {
  if (loaded == nullptr)
    fail(ErrorKind::kBadInput,
         "This Detector was moved from and holds no models; use the one it was moved to.");
}

namespace {

const LoadedDetector& of(const std::shared_ptr<const LoadedDetector>& loaded) {
  require_loaded(loaded.get());
  return *loaded;
}

}  // namespace

Detector::Detector(const DetectorOptions& options)
    : loaded_(std::make_shared<const LoadedDetector>(load_detector(options))) {}
Detector::~Detector() = default;
Detector::Detector(Detector&&) noexcept = default;
Detector& Detector::operator=(Detector&&) noexcept = default;

Detection Detector::detect(const ImageView& image, const HybridPrompt& prompt,
                           const DetectSettings& settings) const {
  return guarded([&] {
    const LoadedDetector& loaded = of(loaded_);
    std::vector<std::string> notes;
    const Image rgb = to_rgb8(image, &notes);
    validate(prompt);
    if (!settings.references.empty()) require_fit(*settings.references.bank(), loaded);
    Detection found = loaded.method->detect(rgb, prompt, settings);
    found.method = loaded.options.method;
    found.p_value = p_value_of(settings.references, loaded, prompt, found.image_score);
    found.references = described(settings.references);
    found.notes.insert(found.notes.begin(), notes.begin(), notes.end());
    return found;
  });
}

Detection Detector::detect(const ImageView& image) const {
  return guarded([&] { return detect(image, default_prompt(options())); });
}

Detection Detector::detect(const ImageView& image, const HybridPrompt& prompt, const References& references,
                           DetectSettings settings) const {
  return guarded([&] {
    settings.references = references;
    return detect(image, prompt, settings);
  });
}

std::vector<std::string> Detector::models() const {
  return guarded([&] { return ids_of(of(loaded_).method->models()); });
}
std::string Detector::engine() const {
  return guarded([&] { return of(loaded_).engine->description(); });
}
const DetectorOptions& Detector::options() const { return of(loaded_).options; }
const LoadedDetector& Detector::loaded() const { return of(loaded_); }

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const ModelEntry& entry : model_entries()) names.emplace_back(entry.name);
  return names;
}

std::vector<MethodInfo> methods() {
  std::vector<MethodInfo> infos;
  for (const MethodEntry& entry : method_entries())
    infos.push_back({entry.name, entry.summary, entry.takes_words, entry.models(), entry.takes_object,
                     entry.scores_to_one, entry.references == ReferenceUse::kRequired});
  return infos;
}

std::vector<std::string> method_names() {
  std::vector<std::string> names;
  for (const MethodEntry& entry : method_entries()) names.emplace_back(entry.name);
  return names;
}

std::vector<std::string> profile_names() {
  std::vector<std::string> names;
  for (const PipelineConfig& profile : profiles()) names.push_back(profile.name);
  return names;
}
std::vector<std::string> engine_names() { return nn::engine_names(); }

}  // namespace anomalyvlm
