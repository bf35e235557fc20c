// Plain loops over all pairs: the reference for the other implementations.
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/threads.h"
#include "kernels/nearest/implementations.h"

namespace anomalyvlm {
namespace {

void answer_query(const NearestArguments& a, std::int64_t q, std::vector<float>& space) {
  std::vector<std::vector<RankedRow>> found(a.questions.size());
  std::int32_t first = 0;
  for (const RowPool& pool : a.pools) {
    const RowPool::Contents* rows = pool.contents();
    if (rows == nullptr) continue;
    const float* places = rows->places.defined() ? rows->places.floats().data() : nullptr;
    for (std::int64_t i = 0; i < rows->count; ++i) {
      const double distance =
          squared_distance_portable(a.queries + q * a.size, rows->row(i, space.data()), a.size);
      for (std::size_t k = 0; k < a.questions.size(); ++k) {
        const float reach = a.questions[k].reach;
        if (reach == NearestQuestion::kAnywhere || is_near(a.places + 2 * q, places + 2 * i, reach))
          found[k].push_back({distance, first + static_cast<std::int32_t>(i)});
      }
    }
    first += static_cast<std::int32_t>(rows->count);
  }
  for (std::size_t k = 0; k < found.size(); ++k) {
    const auto count = static_cast<std::size_t>(a.questions[k].count), n = std::min(count, found[k].size());
    std::partial_sort(found[k].begin(), found[k].begin() + static_cast<std::ptrdiff_t>(n), found[k].end());
    for (std::size_t i = 0; i < n; ++i) {
      a.answers[k].distances[static_cast<std::size_t>(q) * count + i] =
          static_cast<float>(found[k][i].distance);
      a.answers[k].indices[static_cast<std::size_t>(q) * count + i] = found[k][i].index;
    }
  }
}

}  // namespace

double squared_distance_portable(const float* a, const float* b, int size) {
  double sums[16] = {};
  for (int i = 0; i < size; ++i) {
    const double apart = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    const double square = apart * apart;
    sums[i % 16] += square;
  }
  return sum_of_partial(sums);
}

void run_nearest_portable(const NearestArguments& a) {
  parallel_for(a.count, 4, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> space(static_cast<std::size_t>(a.size));
    for (std::int64_t q = begin; q < end; ++q) answer_query(a, q, space);
  });
}

void lower_distances_portable(const RowPool& pool, const float* row, float* distances) {
  const RowPool::Contents& rows = *pool.contents();
  parallel_for(rows.count, 64, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> space(static_cast<std::size_t>(rows.size));
    for (std::int64_t i = begin; i < end; ++i) {
      const double squared = squared_distance_portable(row, rows.row(i, space.data()), rows.size);
      distances[i] = std::min(distances[i], static_cast<float>(std::sqrt(squared)));
    }
  });
}

void project_rows_portable(const RowPool& pool, const double* columns, int to, float* out) {
  const RowPool::Contents& rows = *pool.contents();
  parallel_for(rows.count, 64, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> space(static_cast<std::size_t>(rows.size));
    for (std::int64_t i = begin; i < end; ++i) {
      const float* row = rows.row(i, space.data());
      for (int j = 0; j < to; ++j) {
        double sum = 0;
        for (int k = 0; k < rows.size; ++k) {
          const double product = static_cast<double>(row[k]) * columns[static_cast<std::int64_t>(k) * to + j];
          sum += product;
        }
        out[i * to + j] = static_cast<float>(sum);
      }
    }
  });
}

}  // namespace anomalyvlm
