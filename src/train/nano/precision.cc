#include "train/nano/precision.h"

#include <ATen/autocast_mode.h>
#include <torch/version.h>

namespace anomalyvlm::train {
namespace {

void set_autocast(bool on) {
#if TORCH_VERSION_MAJOR >= 2
  at::autocast::set_autocast_dtype(at::kCUDA, at::kBFloat16);
  at::autocast::set_autocast_enabled(at::kCUDA, on);
#else
  at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
  at::autocast::set_enabled(on);
#endif
  at::autocast::set_autocast_cache_enabled(false);  // each weight is used once a step
}

}  // namespace

void prefer_speed(const at::Device& device) {
  if (!device.is_cuda()) return;
  at::globalContext().setAllowTF32CuDNN(true);
  at::globalContext().setAllowTF32CuBLAS(true);
}

Bfloat16::Bfloat16(bool on) : on_(on) {
  if (on_) set_autocast(true);
}

Bfloat16::~Bfloat16() {
  if (on_) set_autocast(false);
}

}  // namespace anomalyvlm::train
