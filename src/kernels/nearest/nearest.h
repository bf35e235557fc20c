#pragma once
// The rows of one or several pools that are nearest to each query: exact Euclidean search. PatchCore, the
// bank of references and mutual scoring ask this; saliency (Eq. 3) has a kernel of its own, because there
// each location is compared with its own image only.
//
// A fast pass computes |x|^2 / 2 - <q, x> in float32 (or bfloat16) and keeps what lies within a proven error
// bound of the k-th smallest; the distances of those few are then computed as sums of squared differences in
// double precision, always in the same order. So distances and indices are exact, and the same for each
// implementation and number of threads. The matrix of distances is never kept.
//
// Values must be finite and at most 1e18 in magnitude. All functions are thread-safe. They throw
// Error(kBadInput) for arguments out of range.
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "core/tensor.h"

namespace anomalyvlm {

// Rows that are searched, immutable. Cheap to copy; copies share the memory. The rows are used where they
// are, so those of a mapped file stay shared between processes; 8 bytes of each are kept beside them.
class RowPool {
 public:
  RowPool() = default;  // no rows
  // rows: [count, size], float32, or bfloat16 for half the memory. places: undefined, or float32 [count, 2]:
  // x and y of each row, usually 0 .. 1 of the image that it comes from. count: 0 to 2^31 - 2; size: 1 to
  // 65536.
  explicit RowPool(Tensor rows, Tensor places = {});

  std::int64_t count() const;
  int size() const;  // numbers a row; 0 without rows
  bool has_places() const;
  std::size_t bytes() const;  // of the rows and what is kept beside them
  std::vector<float> row(std::int64_t i) const;

  struct Contents;  // for the kernel's implementations
  const Contents* contents() const { return contents_.get(); }

 private:
  std::shared_ptr<const Contents> contents_;
};

// Which rows count, and how many are wanted.
struct NearestQuestion {
  static constexpr float kAnywhere = std::numeric_limits<float>::infinity();
  int count = 1;            // k, 1 to 65536
  float reach = kAnywhere;  // only rows with max(|dx|, |dy|) <= reach; finite: pools and queries need places
};

// [queries, count], nearest first; equal distances by the lower index.
struct NearestRows {
  int count = 0;
  std::vector<float> distances;  // squared; infinity where there are fewer rows
  std::vector<std::int32_t>
      indices;  // counted through the pools in their order; -1 where there are fewer rows
};

// queries: [n, size]; places: empty or [n, 2]. One result for each question, all from one pass over the
// products. Pools without rows are allowed, and so are several of different storage.
std::vector<NearestRows> nearest(std::span<const RowPool> pools, std::span<const float> queries, int size,
                                 std::span<const NearestQuestion> questions,
                                 std::span<const float> places = {});

// The same for one pool and one question.
NearestRows nearest(const RowPool& pool, std::span<const float> queries, int count = 1);

// out [count, to] = rows times the transpose of weights [to, size], finite, in double precision and in the
// order of the numbers: the same bits everywhere.
void project_rows(const RowPool& pool, std::span<const float> weights, int to, float* out);

struct FarthestRow {
  std::int64_t index = -1;  // the lowest of those at that distance; -1 without rows
  float distance = 0;
};

// The step of a greedy coreset: distances[i] becomes min(distances[i], |row i - row|), not squared; the row
// that is then farthest.
FarthestRow lower_distances(const RowPool& pool, std::span<const float> row, std::span<float> distances);

}  // namespace anomalyvlm
