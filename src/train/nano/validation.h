#pragma once
// How good the network is on synthetic images that it never trained on.
#include "models/nano/lexicon.h"
#include "models/nano/network.h"
#include "train/nano/batches.h"
#include "train/nano/parameters.h"

namespace anomalyvlm::train {

struct Validation {
  double max_f1 = 0, average_precision = 0;  // over all half-resolution pixels, target > 0.5
  double kinds_right = 0;  // share of instances whose kind is the likeliest by its usual name
  double named_first =
      0;  // share of (image with two kinds, named kind) where an instance of it scores highest
};

// The same of products, over all their images.
struct Ranking {
  double max_f1 = 0, average_precision = 0;  // as above
  double image_auroc = 0;                    // of the highest score of each image, defective against good
};
struct ProductValidation {
  Ranking without, with, others;  // with 4 good images of the product, or of another one
};

// Half of the images show two kinds or more. Generated on this many threads.
std::vector<Batch> draw_validation(int images, int threads);

// Images of two products with references, and with those of other products instead.
struct ProductBatch {
  Batch with, others;
};
std::vector<ProductBatch> draw_product_validation(int products, int threads);
ProductValidation validate_products(TrainedParameters& parameters, const nano::NetworkConfig& config,
                                    const std::vector<ProductBatch>& batches, const at::Device& device);

Validation validate(TrainedParameters& parameters, const nano::NetworkConfig& config, const at::Tensor& words,
                    const nano::Lexicon& lexicon, const std::vector<Batch>& batches,
                    const at::Device& device);

}  // namespace anomalyvlm::train
