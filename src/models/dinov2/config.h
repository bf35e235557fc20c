#pragma once
// How a DINOv2 is built (Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision", 2023;
// with registers: Darcet et al., "Vision Transformers Need Registers", 2023). The defaults are ViT-S/14's.
#include <cstdint>
#include <string>

#include "weights/weights.h"

namespace anomalyvlm::dinov2 {

enum class FeedForward {
  kMlp,     // fc2(gelu(fc1 x))
  kSwiGlu,  // w3(silu(a) b) with [a, b] = w12 x: ViT-g's
};

// How positions are resampled for other grids than the trained one: by torch's bicubic interpolation.
struct PositionResampling {
  bool antialias = false;  // a = -1/2 and a filter that widens when it shrinks; else a = -3/4, never wider
  double offset = 0.1;     // is added to a grid's side where the factor of scaling is computed
};

struct Dinov2Config {
  std::int64_t channels = 384;
  int blocks = 12;
  std::int64_t heads = 6;
  std::int64_t registers = 0;  // tokens between the class token and the patches
  FeedForward feed_forward = FeedForward::kMlp;
  std::int64_t hidden = 1536;  // channels inside of the feed-forward
  std::int64_t patch = 14;     // pixels a side
  std::int64_t grid = 37;      // patches a side that positions are trained for
  PositionResampling resampling;
  float norm_eps = 1e-6F;

  static Dinov2Config vit_s() { return {}; }
  static Dinov2Config vit_s_reg();  // four registers
  static Dinov2Config vit_b();
  static Dinov2Config vit_b_reg();

  std::string description() const;  // all of it, in one line
};

// Positions are resampled as the authors' models with so many registers do it.
PositionResampling resampling_with(std::int64_t registers);

// From the names and shapes of a file that has the authors' names. What these do not tell is as in all
// published models: 64 channels a head, and resampling_with(). Throws Error(kBadModel) for a file that is
// damaged or of another network. Whether all tensors are there, check_names() tells.
Dinov2Config read_config(const WeightFile& file);

}  // namespace anomalyvlm::dinov2
