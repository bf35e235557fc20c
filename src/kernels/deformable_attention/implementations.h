#pragma once
// The table of implementations of the deformable attention kernel, best first.
#include <string>
#include <string_view>

#include "kernels/deformable_attention/deformable_attention.h"

namespace anomalyvlm {

struct DeformableAttentionImplementation {
  std::string_view name;
  bool (*accepts)(const DeformableAttention&);
  void (*run)(const DeformableAttention&);
};

std::span<const DeformableAttentionImplementation> deformable_attention_implementations();
std::string chosen_deformable_attention_implementation();

void run_deformable_attention_portable(const DeformableAttention& arguments);
void run_deformable_attention_simd(const DeformableAttention& arguments);

}  // namespace anomalyvlm
