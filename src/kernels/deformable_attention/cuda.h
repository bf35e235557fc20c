#pragma once
// The same on an NVIDIA GPU; only in builds with CUDA.
#include "kernels/deformable_attention/deformable_attention.h"

namespace anomalyvlm {

constexpr std::size_t kMostCudaMaps = 16;

// All arrays but the maps lie in the GPU's memory. Starts the work on a stream (a cudaStream_t) and returns.
// Gives what CUDA says if that fails, nullptr if it does not. At most kMostCudaMaps maps.
const char* start_deformable_attention_cuda(const DeformableAttention& arguments, void* stream);

}  // namespace anomalyvlm
