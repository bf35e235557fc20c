#pragma once
// The embedded default's network: an EfficientNet-Lite0 encoder, self-similarity of its features, and a
// U-Net decoder with three heads, in which transformer blocks see the image as a whole. One pass serves the
// region generator, the refiner, the phrases and the saliency. With good images of the same product, the
// decoder also reads how far each location is from them.
#include <optional>

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

// What is sought among the references: a location of the grid at stride 8 as a vector of unit length, the
// 3 x 3 means of the features at strides 8 and 16, each scaled to unit length, so that none outweighs the
// other.
constexpr std::int64_t kDescriptorSize = 40 + 112;
constexpr int kDescriptorCell = 8;  // pixels that a location spans
// The reference channels of a location with the descriptor q, given a pool of descriptors p of the same scale
// and the distance d = 1 - q.p: d of the nearest, the mean of the 4 and of the 16 nearest (of all, where
// there are fewer), and d of the nearest among those that lie nearby, which is at most this share of the
// image's width and of its height away (of all, where none does).
constexpr std::int64_t kReferenceChannels = 4, kReferenceFew = 4, kReferenceMany = 16;
constexpr float kReferenceNearby = 0.15F;

// image: [B, 3, H, W], RGB 0..255, H and W multiples of 32, at least 64. Weights lie below "encoder" (batch
// norms folded) and "decoder". The encoder and the rest apart, so that a trainer can hold the encoder fixed.
std::vector<nn::Value> encode(const nn::Scope& root, const nn::Value& image);
// The shapes of one image's features, of H x W pixels.
std::vector<Shape> feature_shapes(std::int64_t height, std::int64_t width);
// features: of encode(). -> [B, kDescriptorSize, H/8, W/8].
nn::Value descriptors(const std::vector<nn::Value>& features);
// references: the reference channels [B, kReferenceChannels, H/8, W/8]. Without them the branches that read
// them are left out, and so are their weights, "decoder.references.*".
Heads decode(const nn::Scope& root, const NetworkConfig& config, const std::vector<nn::Value>& features,
             const std::optional<nn::Value>& references = {});
// Whether the weights can compare with references; older files cannot.
bool reads_references(const WeightFile& weights);

nn::NamedValues outputs_of(const Heads& heads);  // "defect", "object", "embedding", "saliency"
// Encoder and decoder; outputs_of() them.
nn::NamedValues network(const nn::Scope& root, const NetworkConfig& config, const nn::Value& image,
                        const std::optional<nn::Value>& references = {});

// Folds every "X.norm.*" into "X.conv.weight", which gets a "X.conv.bias".
WeightFile::Tensors fold_norms(const WeightFile::Tensors& trained);

}  // namespace anomalyvlm::nano
