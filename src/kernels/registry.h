#pragma once
// What `anomalyvlm info` lists about our kernels, and how one implementation is forced.
#include <string>
#include <string_view>
#include <vector>

namespace anomalyvlm {

// $ANOMALYVLM_FORCE_IMPL: "portable" forces that row in every kernel's table, "saliency=portable" in one.
// Several are separated by commas. Empty when nothing is forced for this kernel.
std::string forced_implementation(std::string_view kernel);

// The first row of a kernel's table that accepts the arguments, or the forced one. Throws Error(kBadInput)
// when the forced one does not exist or does not accept them. A row has `name` and `accepts`.
template <typename Row, std::size_t N, typename... Args>
const Row& choose_implementation(std::string_view kernel, const Row (&table)[N], const Args&... args);

struct KernelInfo {
  std::string name;                          // "saliency"
  std::vector<std::string> implementations;  // in order of preference
  std::string chosen;                        // for ordinary arguments
};
std::vector<KernelInfo> list_kernels();

// The instruction set that the SIMD implementations run with here: "AVX3_ZEN4", "AVX2", "NEON", ...
std::string simd_target();

}  // namespace anomalyvlm

#include "kernels/registry_inl.h"
