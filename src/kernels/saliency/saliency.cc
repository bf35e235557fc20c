#include "kernels/saliency/saliency.h"

#include "core/check.h"
#include "kernels/registry.h"
#include "kernels/saliency/implementations.h"

namespace anomalyvlm {
namespace {

bool accepts_anything(const SaliencyArguments&) { return true; }

constexpr SaliencyImplementation kImplementations[] = {
    {"simd", accepts_anything, neighbour_distance_simd},
    {"portable", accepts_anything, neighbour_distance_portable},  // plain loops; the reference
};

}  // namespace

std::span<const SaliencyImplementation> saliency_implementations() { return kImplementations; }

std::string chosen_saliency_implementation() {
  return std::string(choose_implementation("saliency", kImplementations, SaliencyArguments{}).name);
}

void neighbour_distance(const float* features, int channels, int height, int width,
                        std::span<const NeighbourQuery> queries, float* out) {
  AVLM_CHECK(channels >= 1 && height >= 1 && width >= 1);
  const SaliencyArguments arguments{features, channels, height, width, queries, out};
  choose_implementation("saliency", kImplementations, arguments).run(arguments);
}

}  // namespace anomalyvlm
