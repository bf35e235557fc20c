#include "detector/methods.h"

#include <array>
#include <string>
#include <vector>

#include "core/check.h"
#include "core/closest.h"
#include "detector/registry.h"
#include "methods/anomalyvlm/method.h"
#include "methods/utad/method.h"
#include "models/nano/backbone.h"
#include "roles/nano_features.h"
#include "store/folder.h"

namespace anomalyvlm {
namespace {

constexpr std::string_view kWideResnet = "wide-resnet50-2";

TileOptions tiles_of(const DetectorOptions& options) {
  return options.tile ? TileOptions{*options.tile, *options.tile_overlap} : TileOptions{};
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
  return pipeline_method(model_entry(options.model)
                             .load({options.model, options.data_folder, context.engine, context.precision,
                                    options.proposal_side.value_or(0)}),
                         config);
}

// ---- utad

void complete_utad(DetectorOptions& options) {
  const auto refuse = [](const char* what) {
    fail(ErrorKind::kBadInput, "The method utad has no {}; leave it out.", what);
  };
  if (options.model != "nano" && options.model != kWideResnet)
    fail(ErrorKind::kBadInput, "The method utad runs on the models nano and {}, not on \"{}\".", kWideResnet,
         options.model);
  if (options.profile && *options.profile != "utad") refuse("profiles");
  if (options.resize) refuse("other size: it sees images at 320 pixels");
  if (options.proposal_side) refuse("proposal side");
  options.profile = "utad";
}

std::unique_ptr<Method> load_utad(const MethodContext& context) {
  const TileOptions tiles = tiles_of(context.options);
  if (context.options.model == kWideResnet) {
    const auto weights = store::open_published(kWideResnet);
    return utad::method(utad::Utad(weights, context.engine, context.precision),
                        {store::identity_of(*weights)}, tiles);
  }
  const NanoWeights nano = open_nano_weights(context.options.data_folder);
  const auto backbone =
      std::make_shared<const nano::Backbone>(nano.weights, context.engine, context.precision);
  return utad::method(utad::Utad(std::make_shared<const NanoFeatures>(backbone)), {nano.id + ", its encoder"},
                      tiles);
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
