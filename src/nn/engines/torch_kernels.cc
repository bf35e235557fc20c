#include "nn/engines/torch_kernels.h"

#include <ATen/core/grad_mode.h>
#ifdef AVLM_WITH_CUDA
#include <ATen/cuda/CUDAContext.h>

#include "kernels/deformable_attention/cuda.h"
#endif

#include <limits>
#include <map>

#include "kernels/deformable_attention/deformable_attention.h"
#include "kernels/saliency/saliency.h"

namespace anomalyvlm::nn {
namespace {

// 1 where two cells of a grid are at most `radius` apart in both directions, [H * W, H * W].
at::Tensor close_cells(std::int64_t height, std::int64_t width, int radius, const at::Device& device) {
  const at::Tensor cells = at::arange(height * width, at::TensorOptions(at::kLong).device(device));
  const at::Tensor y = at::div(cells, width, "floor"), x = at::remainder(cells, width);
  const auto apart = [&](const at::Tensor& v) { return at::abs(v.unsqueeze(0) - v.unsqueeze(1)) <= radius; };
  return at::logical_and(apart(y), apart(x));
}

at::Tensor neighbour_distance_on_cpu(const at::Tensor& x, const std::vector<Neighbourhood>& neighbourhoods) {
  const at::Tensor features = x.detach().to(at::kFloat).contiguous();
  const auto channels = static_cast<int>(features.size(1)), height = static_cast<int>(features.size(2)),
             width = static_cast<int>(features.size(3));
  std::vector<NeighbourQuery> queries;
  for (const Neighbourhood& n : neighbourhoods) queries.push_back({n.nearest, n.radius});
  at::Tensor out =
      at::empty({features.size(0), static_cast<std::int64_t>(queries.size()), height, width}, at::kFloat);
  for (std::int64_t b = 0; b < features.size(0); ++b)
    anomalyvlm::neighbour_distance(features[b].data_ptr<float>(), channels, height, width, queries,
                                   out[b].data_ptr<float>());
  return out;
}

// Float32 tensors on the device of `value`.
at::Tensor attend(const at::Tensor& value, const std::vector<Extent>& maps, const at::Tensor& reference,
                  const at::Tensor& offsets, const at::Tensor& weights) {
  at::Tensor out =
      at::empty({value.size(0), offsets.size(1), value.size(2) * value.size(3)}, value.options());
  DeformableAttention a;
  a.value = value.data_ptr<float>();
  a.reference = reference.data_ptr<float>();
  a.offsets = offsets.data_ptr<float>();
  a.weights = weights.data_ptr<float>();
  a.out = out.data_ptr<float>();
  a.maps = maps;
  a.set_extents(value.sizes(), reference.sizes(), offsets.sizes());
#ifdef AVLM_WITH_CUDA
  if (value.is_cuda()) {
    AVLM_CHECK(maps.size() <= kMostCudaMaps);
    if (const char* error = start_deformable_attention_cuda(a, at::cuda::getCurrentCUDAStream().stream()))
      fail(ErrorKind::kInternal, "The deformable attention kernel does not start on {}: {}.",
           value.device().str(), error);
    return out;
  }
#endif
  anomalyvlm::deformable_attention(a);
  return out;
}

}  // namespace

at::Tensor torch_neighbour_distance(const at::Tensor& x, const std::vector<Neighbourhood>& neighbourhoods) {
  const at::NoGradGuard no_gradients;
  if (!x.is_cuda()) return neighbour_distance_on_cpu(x, neighbourhoods);
  const std::int64_t height = x.size(2), width = x.size(3);
  const at::Tensor features = x.detach().flatten(2).to(at::kFloat);
  const at::Tensor unit = features / at::clamp_min(features.norm(2, 1, true), 1e-12);
  const at::Tensor similarity = at::matmul(unit.transpose(1, 2), unit);
  std::map<int, at::Tensor> most_similar;  // by radius: of each location, falling
  for (const Neighbourhood& n : neighbourhoods) {
    std::int64_t most = 0;
    for (const Neighbourhood& other : neighbourhoods)
      if (other.radius == n.radius) most = std::max<std::int64_t>(most, other.nearest);
    if (most_similar.count(n.radius) != 0) continue;
    const at::Tensor close = close_cells(height, width, n.radius, x.device());
    const at::Tensor others = similarity.masked_fill(close, -std::numeric_limits<float>::infinity());
    most_similar[n.radius] = std::get<0>(at::topk(others, std::min(most, height * width), -1));
  }
  std::vector<at::Tensor> maps;
  for (const Neighbourhood& n : neighbourhoods) {
    const at::Tensor& falling = most_similar.at(n.radius);
    const at::Tensor best = falling.narrow(-1, 0, std::min<std::int64_t>(n.nearest, falling.size(-1)));
    const at::Tensor valid = at::isfinite(best);
    const at::Tensor total = at::sum(at::where(valid, 1 - best, at::zeros_like(best)), {-1}, false);
    maps.push_back(total / at::clamp_min(valid.sum(-1), 1));
  }
  return at::stack(maps, 1).reshape({x.size(0), -1, height, width});
}

at::Tensor torch_deformable_attention(const at::Tensor& value, const std::vector<Extent>& maps,
                                      const at::Tensor& reference, const at::Tensor& offsets,
                                      const at::Tensor& weights) {
  const at::NoGradGuard no_gradients;
  const auto exact = [](const at::Tensor& x) { return x.to(at::kFloat).contiguous(); };
  return attend(exact(value), maps, exact(reference), exact(offsets), exact(weights));
}

}  // namespace anomalyvlm::nn
