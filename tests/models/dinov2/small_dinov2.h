#pragma once
// DINOv2s of a few channels, each with what it consists of.
#include "models/dinov2/dinov2.h"
#include "models/random_model.h"

namespace anomalyvlm::test {

// Odd sizes: positions for 3 x 3 patches of 5 pixels.
inline dinov2::Dinov2Config small_dinov2(std::int64_t registers = 0,
                                         dinov2::FeedForward feed_forward = dinov2::FeedForward::kMlp) {
  dinov2::Dinov2Config config;
  config.channels = 12;
  config.blocks = 3;
  config.heads = 3;
  config.registers = registers;
  config.feed_forward = feed_forward;
  config.hidden = 17;
  config.patch = 5;
  config.grid = 3;
  config.resampling = dinov2::resampling_with(registers);
  return config;
}

inline std::shared_ptr<const WeightFile> small_weights(const dinov2::Dinov2Config& config,
                                                       unsigned seed = 3) {
  return random_weights(dinov2::expected_tensors(config), seed);
}

}  // namespace anomalyvlm::test
