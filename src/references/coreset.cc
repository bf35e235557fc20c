#include "references/coreset.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <random>

#include "core/check.h"
#include "kernels/nearest/nearest.h"

namespace anomalyvlm {
namespace {

void check_options(const CoresetOptions& options) {
  if (!(options.share > 0 && options.share <= 1))
    fail(ErrorKind::kBadInput, "A coreset of {} of the rows is not possible; use a share above 0, at most 1.",
         options.share);
  if (options.projected < 1 || options.projected > 65536 || options.starting_points < 1)
    fail(ErrorKind::kBadInput, "A coreset cannot have {} starting points and rows projected to {} numbers.",
         options.starting_points, options.projected);
}

void check_draws(const CoresetDraws& draws, std::int64_t count, int projected, int size) {
  for (const std::int64_t point : draws.starting_points) {
    if (point < 0 || point >= count)
      fail(ErrorKind::kBadInput, "The coreset's starting point {} is none of the {} rows.", point, count);
  }
  const Tensor& w = draws.projection;
  if (w.defined() && (w.dtype() != DType::kF32 || w.shape() != Shape{projected, size} || !w.is_finite()))
    fail(ErrorKind::kBadInput, "The coreset's projection must be finite float32 [{}, {}], not {} {}.",
         projected, size, name_of(w.dtype()), to_string(w.shape()));
}

void stop_if_asked(const CoresetHooks& hooks) {
  if (hooks.stop.stop_requested()) fail(ErrorKind::kCancelled, "The coreset was cancelled.");
}

// z = x W^T, some rows at a time, so that a stop is not long in coming.
Tensor projected_rows(const Tensor& rows, const Tensor& projection, const CoresetHooks& hooks) {
  constexpr std::int64_t kAtOnce = 16384;
  const auto to = static_cast<int>(projection.dim(0));
  const std::int64_t size = rows.dim(1);
  Tensor z = Tensor::zeros({rows.dim(0), to});
  for (std::int64_t first = 0; first < rows.dim(0); first += kAtOnce) {
    stop_if_asked(hooks);
    const std::int64_t n = std::min(kAtOnce, rows.dim(0) - first);
    const auto* from = static_cast<const std::byte*>(rows.raw()) +
                       first * size * static_cast<std::int64_t>(size_of(rows.dtype()));
    const RowPool some(Tensor(rows.dtype(), {n, size}, nullptr, from));
    project_rows(some, projection.floats(), to, z.mutable_floats().data() + first * to);
  }
  return z;
}

// d_i before the first pick.
std::vector<float> mean_distances(const RowPool& rows, const std::vector<std::int64_t>& points,
                                  const CoresetHooks& hooks) {
  std::vector<double> sums(static_cast<std::size_t>(rows.count()));
  std::vector<float> distances(sums.size());
  for (const std::int64_t point : points) {
    stop_if_asked(hooks);
    std::fill(distances.begin(), distances.end(), std::numeric_limits<float>::infinity());
    lower_distances(rows, rows.row(point), distances);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += static_cast<double>(distances[i]);
  }
  for (std::size_t i = 0; i < sums.size(); ++i)
    distances[i] = static_cast<float>(sums[i] / static_cast<double>(points.size()));
  return distances;
}

// Picks rows one after the other.
class Picker {
 public:
  Picker(const RowPool& rows, std::vector<float> distances)
      : rows_(rows), distances_(std::move(distances)), taken_(distances_.size()) {
    const auto first = std::max_element(distances_.begin(), distances_.end());
    farthest_ = {first - distances_.begin(), *first};
  }

  std::int64_t next() {
    // Rows equal to picked ones, or to all starting points, are left.
    while (farthest_.distance == 0 && taken_[static_cast<std::size_t>(first_left_)]) ++first_left_;
    const std::int64_t picked = farthest_.distance == 0 ? first_left_ : farthest_.index;
    taken_[static_cast<std::size_t>(picked)] = true;
    if (farthest_.distance > 0) farthest_ = lower_distances(rows_, rows_.row(picked), distances_);
    return picked;
  }

 private:
  const RowPool& rows_;
  std::vector<float> distances_;
  std::vector<bool> taken_;
  FarthestRow farthest_;
  std::int64_t first_left_ = 0;
};

}  // namespace

Tensor coreset_projection(int projected, int size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const double bound = 1 / std::sqrt(static_cast<double>(size));
  std::vector<float> weights(static_cast<std::size_t>(projected) * static_cast<std::size_t>(size));
  for (float& w : weights)
    w = static_cast<float>((2 * (static_cast<double>(random() >> 11) * 0x1p-53) - 1) * bound);
  return Tensor::from<float>({projected, size}, std::move(weights));
}

std::vector<std::int64_t> coreset_starting_points(int count, std::int64_t rows, std::uint64_t seed) {
  std::mt19937_64 random(seed + 1);
  std::vector<std::int64_t> order(static_cast<std::size_t>(rows));
  std::iota(order.begin(), order.end(), 0);
  const std::size_t wanted = std::min(order.size(), static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < wanted; ++i)
    std::swap(order[i], order[i + static_cast<std::size_t>(random() % (order.size() - i))]);
  order.resize(wanted);
  return order;
}

std::vector<std::int64_t> greedy_coreset(const Tensor& rows, const CoresetOptions& options,
                                         const CoresetHooks& hooks, const CoresetDraws& draws) {
  check_options(options);
  RowPool pool(rows);
  check_draws(draws, pool.count(), options.projected, pool.size());
  // As Python computes int(N * p).
  const auto samples = static_cast<std::size_t>(static_cast<double>(pool.count()) * options.share);
  if (samples == 0) return {};
  const std::vector<std::int64_t> points =
      !draws.starting_points.empty()
          ? draws.starting_points
          : coreset_starting_points(options.starting_points, pool.count(), options.seed);
  if (pool.size() != options.projected) {
    const Tensor projection = draws.projection.defined()
                                  ? draws.projection
                                  : coreset_projection(options.projected, pool.size(), options.seed);
    pool = RowPool(projected_rows(rows, projection, hooks));
  }
  Picker picker(pool, mean_distances(pool, points, hooks));
  std::vector<std::int64_t> picked;
  const std::size_t step = std::max<std::size_t>(1, samples / 100);
  while (picked.size() < samples) {
    stop_if_asked(hooks);
    picked.push_back(picker.next());
    if (hooks.progress && (picked.size() % step == 0 || picked.size() == samples))
      hooks.progress(picked.size(), samples);
  }
  return picked;
}

}  // namespace anomalyvlm
