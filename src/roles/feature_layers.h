#pragma once
// The role of a network that gives its features at several depths.
#include <string>
#include <vector>

#include "anomalyvlm/image.h"
#include "core/tensor.h"

namespace anomalyvlm {

// Const and usable from several threads.
class FeatureLayers {
 public:
  virtual ~FeatureLayers() = default;
  // image: of the size that the network is to see; what it expects of colours is the adapter's concern. ->
  // float32 [1, C_i, h_i, w_i], from the finest to the coarsest grid; each covers the image. Always as many
  // layers, of the same numbers of channels. Throws Error(kBadModel) when the weights do not fit.
  virtual std::vector<Tensor> layers(const Image& image) const = 0;
  // Which layers of which weights (with SHA-256).
  virtual std::string id() const = 0;
};

}  // namespace anomalyvlm
