#pragma once
// The embedded default's network: an EfficientNet-Lite0 encoder, self-similarity of its features, and a
// U-Net decoder with three heads, in which transformer blocks see the image as a whole. One pass serves the
// region generator, the refiner, the phrases and the saliency.
#include "models/efficientnet_lite/efficientnet_lite.h"
#include "nn/scope.h"

namespace anomalyvlm::nano {

struct NetworkConfig {
  std::int64_t embedding = 32;  // size of the vectors that locations and phrases are compared by
  bool folded_norm = true;      // the decoder's batch norms are folded; the trainer works with separate ones
};

struct Heads {
  nn::Value defect;     // [B, 1, H/2, W/2] logit of "a defect of any kind is here"
  nn::Value object;     // [B, 1, H/8, W/8] logit of "this belongs to the inspected object"
  nn::Value embedding;  // [B, E, H/8, W/8] what a location looks like, to be multiplied with phrases' vectors
  nn::Value saliency;  // [B, 1, H/8, W/8] Eq. 3 with N = 64, a mean over strides 8, 16 (twice) and 32: a cell
                       // of a wide defect has its like within that defect, only coarse strides look beyond
};

// image: [B, 3, H, W], RGB 0..255, H and W multiples of 32, at least 64. Weights lie below "encoder" (batch
// norms folded) and "decoder". The encoder and the rest apart, so that a trainer can hold the encoder fixed.
std::vector<nn::Value> encode(const nn::Scope& root, const nn::Value& image);
Heads decode(const nn::Scope& root, const NetworkConfig& config, const std::vector<nn::Value>& features);

// Both; outputs "defect", "object", "embedding", "saliency".
nn::NamedValues network(const nn::Scope& root, const NetworkConfig& config, const nn::Value& image);

// Folds every "X.norm.*" into "X.conv.weight", which gets a "X.conv.bias".
WeightFile::Tensors fold_norms(const WeightFile::Tensors& trained);

}  // namespace anomalyvlm::nano
