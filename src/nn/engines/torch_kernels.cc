#include "nn/engines/torch_kernels.h"

#include <ATen/core/grad_mode.h>

#include <limits>

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

at::Tensor deformable_attention_on_cpu(const at::Tensor& value, const std::vector<Extent>& maps,
                                       const at::Tensor& reference, const at::Tensor& offsets,
                                       const at::Tensor& weights) {
  const at::Tensor v = value.contiguous(), r = reference.contiguous(), o = offsets.contiguous(),
                   w = weights.contiguous();
  at::Tensor out = at::empty({v.size(0), o.size(1), v.size(2) * v.size(3)}, at::kFloat);
  DeformableAttention a;
  a.value = v.data_ptr<float>();
  a.reference = r.data_ptr<float>();
  a.offsets = o.data_ptr<float>();
  a.weights = w.data_ptr<float>();
  a.out = out.data_ptr<float>();
  a.maps = maps;
  a.batch = v.size(0);
  a.queries = o.size(1);
  a.heads = v.size(2);
  a.channels = v.size(3);
  a.points = o.size(4);
  a.one_reference = r.size(0) == 1;
  a.boxes = r.size(3) == 4;
  anomalyvlm::deformable_attention(a);
  return out;
}

// Map by map: what lies at all of its points, weighted and summed.
at::Tensor deformable_attention_on_cuda(const at::Tensor& value, const std::vector<Extent>& maps,
                                        const at::Tensor& reference, const at::Tensor& offsets,
                                        const at::Tensor& weights) {
  const std::int64_t batch = value.size(0), heads = value.size(2), channels = value.size(3),
                     queries = offsets.size(1), points = offsets.size(4);
  at::Tensor sum;
  std::int64_t first = 0, m = 0;
  for (const Extent& map : maps) {
    const at::Tensor plane = value.slice(1, first, first + map.places())
                                 .permute({0, 2, 3, 1})
                                 .reshape({batch * heads, channels, map.height, map.width});
    const at::Tensor cells = at::tensor({map.width, map.height}, offsets.options());
    const at::Tensor anchor = reference.select(2, m).unsqueeze(2).unsqueeze(2);  // [1 or B, Q, 1, 1, 2 or 4]
    const at::Tensor moved = offsets.select(3, m);                               // [B, Q, heads, points, 2]
    const at::Tensor at = anchor.size(-1) == 2
                              ? anchor + moved / cells
                              : anchor.slice(-1, 0, 2) + moved * anchor.slice(-1, 2, 4) / (2.0 * points);
    const at::Tensor grid = (at * 2 - 1).permute({0, 2, 1, 3, 4}).reshape({batch * heads, queries, points, 2});
    // 0, 0, false: bilinear, zeros outside, cells' centers at halves.
    const at::Tensor sampled = at::grid_sampler(plane, grid, 0, 0, false);  // [B heads, D, Q, points]
    const at::Tensor share = weights.select(3, m).permute({0, 2, 1, 3}).reshape({batch * heads, 1, queries, points});
    const at::Tensor part = (sampled * share).sum(-1);
    sum = sum.defined() ? sum + part : part;
    first += map.places();
    ++m;
  }
  return sum.reshape({batch, heads * channels, queries}).transpose(1, 2).contiguous();
}

}  // namespace

at::Tensor torch_neighbour_distance(const at::Tensor& x, const std::vector<Neighbourhood>& neighbourhoods) {
  const at::NoGradGuard no_gradients;
  if (!x.is_cuda()) return neighbour_distance_on_cpu(x, neighbourhoods);
  const std::int64_t cells = x.size(2) * x.size(3);
  const at::Tensor features = x.detach().to(at::kFloat).flatten(2);
  const at::Tensor unit = features / at::clamp_min(features.norm(2, 1, true), 1e-12);
  const at::Tensor similarity = at::matmul(unit.transpose(1, 2), unit);
  std::vector<at::Tensor> maps;
  for (const Neighbourhood& n : neighbourhoods) {
    const at::Tensor close = close_cells(x.size(2), x.size(3), n.radius, x.device());
    const at::Tensor others = similarity.masked_fill(close, -std::numeric_limits<float>::infinity());
    const at::Tensor best = std::get<0>(at::topk(others, std::min<std::int64_t>(n.nearest, cells), -1));
    const at::Tensor valid = at::isfinite(best);
    const at::Tensor total = at::sum(at::where(valid, 1 - best, at::zeros_like(best)), {-1}, false);
    maps.push_back(total / at::clamp_min(valid.sum(-1), 1));
  }
  return at::stack(maps, 1).reshape({x.size(0), -1, x.size(2), x.size(3)});
}

at::Tensor torch_deformable_attention(const at::Tensor& value, const std::vector<Extent>& maps,
                                      const at::Tensor& reference, const at::Tensor& offsets,
                                      const at::Tensor& weights) {
  const at::NoGradGuard no_gradients;
  const auto exact = [](const at::Tensor& x) { return x.to(at::kFloat); };
  const auto run = value.is_cuda() ? deformable_attention_on_cuda : deformable_attention_on_cpu;
  return run(exact(value), maps, exact(reference), exact(offsets), exact(weights));
}

}  // namespace anomalyvlm::nn
