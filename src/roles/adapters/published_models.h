#pragma once
// Model sets of published weights: a region proposer, a mask refiner and a saliency estimator, as in the
// paper (Grounding DINO, SAM, a Wide ResNet).
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nn/engine.h"
#include "roles/model_set.h"

namespace anomalyvlm {

// Names of the catalog (models/catalog/catalog.h) for each role.
struct PublishedNames {
  std::string generator, refiner, saliency = "wide-resnet50-2";
};

// "paper", "saa-plus", or a generator's and a refiner's name joined by '+', in any order, and a saliency's if
// it is another one: "grounding-dino-swin-b+sam-vit-h". Nothing if it is none of these.
std::optional<PublishedNames> published_names(std::string_view model);

constexpr const char* kClip = "clip-vit-b-16";  // that CLIPSeg is built on
constexpr const char* kClipVocabulary = "clip-vocabulary";

// Those that a model reads and that are not in the folder of weights, the vocabulary among them. Of a model
// set as published_names() takes it, or a single name of the catalog; nothing for what comes with the
// program.
std::vector<std::string> missing_weights(std::string_view model);
// Throws Error(kIo) that says how to get all of these, if any are missing.
void require_weights(std::string_view model);

struct PublishedOptions {
  std::shared_ptr<nn::Engine> engine;
  nn::Precision precision = nn::Precision::kF32;
  int short_side = 0;  // of the image that the generator sees; 0: as published, 800
};

// Reads the weights from store::models_folder(). Throws Error(kIo) that says how to get them if they are not
// there, Error(kBadModel) that names what a file is if it is another.
std::unique_ptr<ModelSet> load_published(const PublishedNames& names, const PublishedOptions& options);

}  // namespace anomalyvlm
