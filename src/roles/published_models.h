#pragma once
// The paper's stages on published weights: Grounding DINO proposes, SAM refines, a Wide ResNet gives the
// saliency.
#include "models/grounding_dino/grounding_dino.h"
#include "models/sam/predictor.h"
#include "roles/image_session.h"
#include "roles/resnet_saliency.h"

namespace anomalyvlm {

// An image's features are computed once: for the generator when the first phrases come, whatever their
// number, for the refiner when the first boxes come. What a caption becomes is kept for the next images.
class PublishedModelSet : public ModelSet {
 public:
  // `together`: whether the captions of an ensemble go through the generator as one batch: faster on GPUs,
  // where one does not fill the machine; on CPUs only more memory.
  PublishedModelSet(std::unique_ptr<const grounding_dino::GroundingDino> generator,
                    std::unique_ptr<const sam::Predictor> refiner, ResNetSaliency saliency,
                    std::vector<std::string> ids, bool together = false)
      : generator_(std::move(generator)),
        refiner_(std::move(refiner)),
        saliency_(std::move(saliency)),
        ids_(std::move(ids)),
        together_(together) {}
  std::unique_ptr<ImageSession> open(const Image& image, const StageOptions& options) const override;
  std::vector<std::string> ids() const override { return ids_; }

 private:
  std::unique_ptr<const grounding_dino::GroundingDino> generator_;
  std::unique_ptr<const sam::Predictor> refiner_;
  ResNetSaliency saliency_;
  std::vector<std::string> ids_;
  bool together_;
};

// Names of the catalog (models/catalog/catalog.h) for each stage.
struct PublishedNames {
  std::string generator, refiner, saliency = "wide-resnet50-2";
};

// "paper", "saa-plus", or a generator's and a refiner's name joined by '+', in any order, and a saliency's if
// it is another one: "grounding-dino-swin-b+sam-vit-h". Nothing if it is none of these.
std::optional<PublishedNames> published_names(std::string_view model);

// Those that are not in the folder of weights, the vocabulary among them.
std::vector<std::string> missing_weights(const PublishedNames& names);

struct PublishedOptions {
  std::shared_ptr<nn::Engine> engine;
  nn::Precision precision = nn::Precision::kF32;
  int short_side = 0;  // of the image that the generator sees; 0: as published, 800
};

// Reads the weights from store::models_folder(). Throws Error(kIo) that says how to get them if they are not
// there, Error(kBadModel) that names what a file is if it is another.
std::unique_ptr<ModelSet> load_published(const PublishedNames& names, const PublishedOptions& options);

}  // namespace anomalyvlm
