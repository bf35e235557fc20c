#include "detector/methods.h"

#include <array>
#include <string>
#include <vector>

#include "core/check.h"
#include "core/closest.h"
#include "detector/registry.h"
#include "methods/anomalyvlm/method.h"
#include "methods/utad/method.h"
#include "roles/adapters/published_models.h"

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
  if (options.proposal_side && !published_names(options.model))
    fail(ErrorKind::kBadInput, "The model {} has no proposal side: it sees an image at sides of its own.",
         options.model);
}

std::unique_ptr<Method> load_pipeline(const MethodContext& context) {
  const DetectorOptions& options = context.options;
  PipelineConfig config = profile_named(*options.profile);
  config.resize = options.resize.value_or(0);
  config.tiles = tiles_of(options);
  return pipeline_method(model_entry(options.model).load(model_context(context)), config);
}

// ---- utad

std::vector<std::string> utad_models() {
  std::vector<std::string> names;
  for (const ExtractorEntry& entry : extractor_entries()) names.emplace_back(entry.name);
  return names;
}

void complete_utad(DetectorOptions& options) {
  const auto refuse = [](const char* what) {
    fail(ErrorKind::kBadInput, "The method utad has no {}; leave it out.", what);
  };
  if (find_extractor(options.model) == nullptr)
    fail(ErrorKind::kBadInput, "The method utad runs on the models {}, not on \"{}\".",
         fmt::join(utad_models(), " and "), options.model);
  if (options.profile && *options.profile != "utad") refuse("profiles");
  if (options.proposal_side) refuse("proposal side");
  options.profile = "utad";
}

std::unique_ptr<Method> load_utad(const MethodContext& context) {
  LoadedExtractor loaded = find_extractor(context.options.model)->load(model_context(context));
  return utad::method(utad::Utad(std::move(loaded.features)), {std::move(loaded.id)},
                      tiles_of(context.options), context.options.resize.value_or(0));
}

constexpr std::array kMethods = {
    MethodEntry{"anomalyvlm", "regions from words, judged by rules", true, model_names, complete_pipeline,
                load_pipeline},
    MethodEntry{"utad", "what is rare within the image itself, for textures, without words", false,
                utad_models, complete_utad, load_utad},
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
