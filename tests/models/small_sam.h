#pragma once
// A SAM small enough to be computed on two engines in a moment.
#include "models/sam/sam_config.h"

namespace anomalyvlm::test {

// Images of `image_size` pixels squared; a block with windows and one without.
inline SamConfig small_sam(std::int64_t image_size) {
  SamVitConfig vit;
  vit.image_size = image_size;
  vit.channels = 8;
  vit.depth = 2;
  vit.heads = 2;
  vit.window = 3;
  vit.global_blocks = {1};
  SamConfig config;
  config.encoder = vit;
  config.channels = 16;
  config.mask_channels = 8;
  config.decoder_heads = 2;
  config.decoder_mlp = 20;
  config.iou_channels = 12;
  return config;
}

}  // namespace anomalyvlm::test
