#include "kernels/deformable_attention/deformable_attention.h"

#include <algorithm>
#include <limits>

#include "core/check.h"
#include "kernels/deformable_attention/implementations.h"
#include "kernels/registry.h"

namespace anomalyvlm {
namespace {

bool accepts_anything(const DeformableAttention&) { return true; }

constexpr DeformableAttentionImplementation kImplementations[] = {
    {"simd", accepts_anything, run_deformable_attention_simd},
    {"portable", accepts_anything, run_deformable_attention_portable},  // plain loops; the reference
};

void check(const DeformableAttention& a) {
  bool fine = std::min({a.batch, a.queries, a.heads, a.channels, a.points}) >= 1 && !a.maps.empty();
  std::int64_t places = 0;
  for (const Extent& map : a.maps) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
    fine = fine && map.height >= 1 && map.width >= 1 && map.height <= (kMost - places) / map.width;
    if (fine) places += map.places();
  }
  if (!fine)
    fail(ErrorKind::kBadInput,
         "The deformable attention kernel was given a batch of {}, {} queries, {} heads of {} channels, {} "
         "points on {} maps: an extent is below 1, or the maps are too large.",
         a.batch, a.queries, a.heads, a.channels, a.points, a.maps.size());
}

}  // namespace

std::int64_t DeformableAttention::places() const {
  std::int64_t sum = 0;
  for (const Extent& map : maps) sum += map.places();
  return sum;
}

std::span<const DeformableAttentionImplementation> deformable_attention_implementations() {
  return kImplementations;
}

std::string chosen_deformable_attention_implementation() {
  return std::string(
      choose_implementation("deformable_attention", kImplementations, DeformableAttention{}).name);
}

void deformable_attention(const DeformableAttention& arguments) {
  check(arguments);
  choose_implementation("deformable_attention", kImplementations, arguments).run(arguments);
}

}  // namespace anomalyvlm
