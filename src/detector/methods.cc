#include "detector/methods.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/check.h"
#include "core/closest.h"
#include "core/printable.h"
#include "detector/registry.h"
#include "methods/anomalyvlm/method.h"
#include "methods/clipseg/method.h"
#include "methods/patchcore/method.h"
#include "methods/utad/method.h"
#include "methods/winclip/method.h"
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

// ---- utad and patchcore, which score each pixel by the features of one network

std::vector<std::string> feature_models() {
  std::vector<std::string> names;
  for (const ExtractorEntry& entry : extractor_entries()) names.emplace_back(entry.name);
  return names;
}

constexpr const char* kPaperProfile = "paper";

// What only regions have.
void refuse_foreign(DetectorOptions& options) {
  const auto refuse = [&](const char* what) {
    fail(ErrorKind::kBadInput, "The method {} has no {}; leave it out.", options.method, what);
  };
  if (options.profile && *options.profile != options.method) refuse("profiles");
  if (options.proposal_side) refuse("proposal side");
  options.profile = options.method;
}

void complete_dense(DetectorOptions& options) {
  if (find_extractor(options.model) == nullptr)
    fail(ErrorKind::kBadInput, "The method {} runs on the models {}, not on \"{}\".", options.method,
         fmt::join(feature_models(), " and "), options.model);
  refuse_foreign(options);
}

// As the authors released it, or with the paper's image score.
void complete_patchcore(DetectorOptions& options) {
  const bool paper = options.profile == kPaperProfile;
  if (options.profile && !paper && *options.profile != options.method)
    fail(ErrorKind::kBadInput, "The method patchcore has the profiles patchcore and {}, not \"{}\".",
         kPaperProfile, printable(*options.profile));
  options.profile.reset();
  complete_dense(options);
  if (paper) options.profile = kPaperProfile;
}

std::unique_ptr<Method> load_utad(const MethodContext& context) {
  LoadedExtractor loaded = find_extractor(context.options.model)->load(model_context(context));
  return utad::method(utad::Utad(std::move(loaded.features)), {std::move(loaded.model)},
                      tiles_of(context.options), context.options.resize.value_or(0));
}

std::unique_ptr<Method> load_patchcore(const MethodContext& context) {
  LoadedLayers loaded = find_extractor(context.options.model)->load_layers(model_context(context));
  patchcore::Config config;
  config.layer_size = loaded.numbers;
  config.embedding_size = std::min(config.embedding_size, 2 * loaded.numbers);
  return patchcore::method(std::make_shared<const patchcore::Describer>(std::move(loaded.layers), config),
                           {std::move(loaded.model)}, tiles_of(context.options),
                           context.options.resize.value_or(0),
                           context.options.profile == kPaperProfile ? patchcore::ImageScore::kPaper
                                                                    : patchcore::ImageScore::kReleased);
}

// ---- winclip and clipseg, which compare images with words on models of their own

void complete_by_words(DetectorOptions& options, const std::vector<std::string>& models) {
  if (options.model == DetectorOptions().model) options.model = models.front();
  if (std::find(models.begin(), models.end(), options.model) == models.end())
    fail(ErrorKind::kBadInput, "The method {} runs on the models {}, not on \"{}\".", options.method,
         fmt::join(models, " and "), printable(options.model));
  refuse_foreign(options);
}

void complete_winclip(DetectorOptions& options) { complete_by_words(options, text_image_encoder_names()); }

std::unique_ptr<Method> load_winclip(const MethodContext& context) {
  LoadedTextImageEncoder loaded = load_text_image_encoder(model_context(context));
  return winclip::method(winclip::WinClip(std::move(loaded.encoder)), {std::move(loaded.model)},
                         tiles_of(context.options), context.options.resize.value_or(0));
}

void complete_clipseg(DetectorOptions& options) { complete_by_words(options, phrase_segmenter_names()); }

std::unique_ptr<Method> load_clipseg(const MethodContext& context) {
  LoadedPhraseSegmenter loaded = load_phrase_segmenter(model_context(context));
  return clipseg::method(std::move(loaded.segmenter), std::move(loaded.models), tiles_of(context.options),
                         context.options.resize.value_or(0));
}

constexpr std::array kMethods = {
    MethodEntry{.name = "anomalyvlm",
                .summary = "regions from words, judged by rules",
                .takes_words = true,
                .takes_object = true,
                .finds_regions = true,
                .scores_to_one = true,
                .models = model_names,
                .complete = complete_pipeline,
                .load = load_pipeline,
                .references = ReferenceUse::kOptional},
    MethodEntry{.name = "utad",
                .summary = "what is rare within the image itself, for textures, without words",
                .takes_words = false,
                .takes_object = false,
                .finds_regions = false,
                .scores_to_one = false,
                .models = feature_models,
                .complete = complete_dense,
                .load = load_utad},
    MethodEntry{.name = "patchcore",
                .summary = "what is unlike good images (references), without words",
                .takes_words = false,
                .takes_object = false,
                .finds_regions = false,
                .scores_to_one = false,
                .models = feature_models,
                .complete = complete_patchcore,
                .load = load_patchcore,
                .references = ReferenceUse::kRequired},
    MethodEntry{
        .name = "winclip",
        .summary = "what sentences about a damaged object describe better, from the object's name alone",
        .takes_words = false,
        .takes_object = true,
        .finds_regions = false,
        .scores_to_one = true,
        .models = text_image_encoder_names,
        .complete = complete_winclip,
        .load = load_winclip},
    MethodEntry{.name = "clipseg",
                .summary = "where a phrase applies, from the phrases alone",
                .takes_words = true,
                .takes_object = false,
                .finds_regions = false,
                .scores_to_one = true,
                .models = phrase_segmenter_names,
                .complete = complete_clipseg,
                .load = load_clipseg},
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
  fail(ErrorKind::kBadInput, "There is no method \"{}\"{}; there are {}.", printable(name),
       meant.empty() ? "" : fmt::format(" (did you mean {}?)", meant), fmt::join(known, ", "));
}

void require_weights_of(DetectorOptions options) {
  method_entry(options.method).complete(options);
  require_weights(options.model);
}

}  // namespace anomalyvlm
