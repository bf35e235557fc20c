#pragma once
// What can be loaded by name: a table of model sets, and one of feature extractors.
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nn/engine.h"
#include "roles/feature_extractor.h"
#include "roles/feature_layers.h"
#include "roles/loaded_model.h"
#include "roles/model_set.h"
#include "roles/phrase_segmenter.h"
#include "roles/text_image_encoder.h"

namespace anomalyvlm {

struct ModelContext {
  std::string name;                   // of the model, as model_entry() takes it
  std::filesystem::path data_folder;  // as find_data_folder() takes it
  std::shared_ptr<nn::Engine> engine;
  nn::Precision precision;
  int proposal_side = 0;  // DetectorOptions::proposal_side
};

struct ModelEntry {
  const char* name;
  const char* profile;  // the default one for this model
  const char* summary;  // one line for people
  std::unique_ptr<ModelSet> (*load)(const ModelContext& context);
};

std::span<const ModelEntry> model_entries();  // the default first
// Also for published weights joined by '+' (published_names()). Throws Error(kBadInput).
const ModelEntry& model_entry(std::string_view name);

struct LoadedExtractor {
  std::shared_ptr<const FeatureExtractor> features;
  LoadedModel model;  // its parameters: those of the layers that are used
};

struct LoadedLayers {
  std::shared_ptr<const FeatureLayers> layers;
  LoadedModel model;  // as LoadedExtractor::model
  int numbers = 0;    // that PatchCore takes of each layer
};

struct ExtractorEntry {
  const char* name;                                          // of the model that it is, or is a part of
  LoadedExtractor (*load)(const ModelContext& context);      // one grid of features
  LoadedLayers (*load_layers)(const ModelContext& context);  // those of two depths
};

std::span<const ExtractorEntry> extractor_entries();
const ExtractorEntry* find_extractor(std::string_view name);  // nullptr when there is none

struct LoadedTextImageEncoder {
  std::shared_ptr<const TextImageEncoder> encoder;
  LoadedModel model;
};

std::vector<std::string> text_image_encoder_names();  // published weights, the default first
// context.name: one of these. Throws Error(kIo) that says how to get what is missing, and as
// store::open_published() does.
LoadedTextImageEncoder load_text_image_encoder(const ModelContext& context);

struct LoadedPhraseSegmenter {
  std::shared_ptr<const PhraseSegmenter> segmenter;
  std::vector<LoadedModel> models;
};

std::vector<std::string> phrase_segmenter_names();  // published weights, the default first
// As load_text_image_encoder().
LoadedPhraseSegmenter load_phrase_segmenter(const ModelContext& context);

// The weights of the embedded model below that folder.
std::filesystem::path nano_weights(const std::filesystem::path& data_folder);

// These weights, read as a whole, with their seal checked. Throws Error: kIo, kBadModel.
struct NanoWeights {
  std::shared_ptr<const WeightFile> weights;
  std::string id;  // one line: name, version, SHA-256
};
NanoWeights open_nano_weights(const std::filesystem::path& data_folder);

}  // namespace anomalyvlm
