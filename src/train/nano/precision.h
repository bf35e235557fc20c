#pragma once
// How the device computes while it trains.
#include <ATen/ATen.h>

namespace anomalyvlm::train {

// CUDA: products and convolutions in TF32, for the process. (cuDNN's trial of algorithms, not asked for here,
// takes minutes for so many convolutions.)
void prefer_speed(const at::Device& device);

// While it lives, convolutions and products on CUDA are carried out in bfloat16, if `on`.
class Bfloat16 {
 public:
  explicit Bfloat16(bool on);
  ~Bfloat16();
  Bfloat16(const Bfloat16&) = delete;
  Bfloat16& operator=(const Bfloat16&) = delete;

 private:
  bool on_;
};

}  // namespace anomalyvlm::train
