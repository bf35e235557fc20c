#include "roles/resnet_features.h"

namespace anomalyvlm {

Tensor ResNetFeatures::features(const Image& image) const {
  return network_->layers(imagenet_input(image)).front();
}

}  // namespace anomalyvlm
