#include "models/grounding_dino/config.h"

namespace anomalyvlm {

GroundingDinoConfig GroundingDinoConfig::swin_t() { return {}; }

GroundingDinoConfig GroundingDinoConfig::swin_b() {
  GroundingDinoConfig config;
  config.backbone = SwinConfig::swin_b();
  return config;
}

}  // namespace anomalyvlm
