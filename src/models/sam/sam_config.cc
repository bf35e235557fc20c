#include "models/sam/sam_config.h"

namespace anomalyvlm {
namespace {

SamConfig with_vit(std::int64_t channels, int depth, std::int64_t heads) {
  SamVitConfig vit;
  vit.channels = channels;
  vit.depth = depth;
  vit.heads = heads;
  const int every = depth / 4;  // the last block of each quarter has global attention
  vit.global_blocks = {every - 1, 2 * every - 1, 3 * every - 1, 4 * every - 1};
  SamConfig config;
  config.encoder = vit;
  return config;
}

}  // namespace

SamConfig SamConfig::vit_t() {
  SamConfig config;
  config.encoder = TinyVitConfig();
  return config;
}

SamConfig SamConfig::vit_b() { return with_vit(768, 12, 12); }
SamConfig SamConfig::vit_l() { return with_vit(1024, 24, 16); }
SamConfig SamConfig::vit_h() { return with_vit(1280, 32, 16); }

std::int64_t SamConfig::image_size() const {
  return std::visit([](const auto& c) { return c.image_size; }, encoder);
}

std::int64_t SamConfig::grid_size() const {
  return std::visit([](const auto& c) { return c.grid_size(); }, encoder);
}

}  // namespace anomalyvlm
