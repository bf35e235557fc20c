#include "detector/methods.h"

#include <array>
#include <string>
#include <vector>

#include "core/check.h"
#include "core/closest.h"
#include "detector/registry.h"
#include "methods/anomalyvlm/method.h"
#include "methods/utad/method.h"

namespace anomalyvlm {
namespace {

TileOptions tiles_of(const DetectorOptions& options) {
  return options.tile ? TileOptions{*options.tile, *options.tile_overlap} : TileOptions{};
}

ModelContext model_context(const MethodContext& context) {
  const DetectorOptions& options = context.options;
  return {options.model, options.data_folder, context.engine, context.precision,
          options.proposal_side.value_or(0)};
}

// ---- anomalyvlm

void complete_pipeline(DetectorOptions& options) {
  if (!options.profile) options.profile = model_entry(options.model).profile;
  profile_named(*options.profile);
}

std::unique_ptr<Method> load_pipeline(const MethodContext& context) {
  const DetectorOptions& options = context.options;
  PipelineConfig config = profile_named(*options.profile);
  config.resize = options.resize.value_or(0);
  config.tiles = tiles_of(options);
  return pipeline_method(model_entry(options.model).load(model_context(context)), config);
}

// ---- utad

void complete_utad(DetectorOptions& options) {
  const auto refuse = [](const char* what) {
    fail(ErrorKind::kBadInput, "The method utad has no {}; leave it out.", what);
  };
  if (find_extractor(options.model) == nullptr) {
    std::vector<std::string_view> known;
    for (const ExtractorEntry& entry : extractor_entries()) known.emplace_back(entry.name);
    fail(ErrorKind::kBadInput, "The method utad runs on the models {}, not on \"{}\".",
         fmt::join(known, " and "), options.model);
  }
  if (options.profile && *options.profile != "utad") refuse("profiles");
  if (options.resize) refuse("other size: it sees images at 320 pixels");
  if (options.proposal_side) refuse("proposal side");
  options.profile = "utad";
}

std::unique_ptr<Method> load_utad(const MethodContext& context) {
  LoadedExtractor loaded = find_extractor(context.options.model)->load(model_context(context));
  return utad::method(utad::Utad(std::move(loaded.features)), {std::move(loaded.id)},
                      tiles_of(context.options));
}

constexpr std::array kMethods = {
    MethodEntry{"anomalyvlm", "regions from words, refined and judged by rules (the paper's)", true,
                complete_pipeline, load_pipeline},
    MethodEntry{"utad", "textures: what is rare within the image itself; takes no words", false,
                complete_utad, load_utad},
};

}  // namespace

std::span<const MethodEntry> method_entries() { return kMethods; }

const MethodEntry& method_entry(std::string_view name) {
  std::vector<std::string> known;
  for (const MethodEntry& entry : kMethods) {
    if (entry.name == name) return entry;
    known.emplace_back(entry.name);
  }
  const std::string meant = closest(name, known);
  fail(ErrorKind::kBadInput, "There is no method \"{}\"{}; there are {}.", name,
       meant.empty() ? "" : fmt::format(" (did you mean {}?)", meant), fmt::join(known, ", "));
}

}  // namespace anomalyvlm
